"""Texts of many scripts, spaces, digits, signs and contractions, by a seed."""
import random

WORDS = [
    "the", "Hello", "world", "don't", "WE'LL", "I'm", "you're", "camelCase", "HTTPServer", "x", "naïve", "Zoë", "straße", "café", "e\u0301t\u00e9",
    "A\u030angstro\u0308m", "日本語", "中文字", "かな", "カナ", "한국어", "привет", "Ελλάδα", "עברית", "العربية", "हिन्दी", "ไทย", "வணக்கம்", "Việt", "ﬁne",
    "1", "42", "123", "1234", "1234567", "3.14159", "½", "²", "٣٤", "0x1F", "v2.0", "1,000", "10:30", "2024-07-26", "$5", "€20", "50%",
    "!", "?", "...", "!!", "--", "—", "“quoted”", "'s", "’s", "(a)", "[b]", "{c: 1}", "<d>", "a_b", "#e", "@f", "`g`", "~", "^", "|", "+=", "!=",
    "=>", "//", "/* */", "\\n", "&amp;", "😀", "👩‍👩‍👧", "🇩🇪", "✓", "★", "∑", "→", "°", "\u200b", "\u00ad", "def f(x):", "return x", "i++;", "€", "¿Qué?", "ß",
]
GAPS = ["", "", " ", " ", " ", " ", "  ", "   ", "\n", "\n\n", " \n", "\n ", "\t", "\r\n", "    ", "\u00a0", "\u3000", "        ", "\n\n\n", " \t "]


def texts(count=400, seed=17):
    source = random.Random(seed)
    return ["".join(source.choice(WORDS) + source.choice(GAPS) for _ in range(source.randrange(1, 16))) for _ in range(count)]
