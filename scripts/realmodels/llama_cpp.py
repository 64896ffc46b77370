"""The sources of llama.cpp, in those of llama-cpp-python: its vocabularies, and what its code says of each name that
`tokenizer.ggml.pre` may have.
"""
import ast
import pathlib
import re
import tarfile

PACKAGE, FILE = "llama-cpp-python", "/src/llama-vocab.cpp"
LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def source(archive):
    with tarfile.open(archive) as sources:
        (member,) = [member for member in sources.getmembers() if member.name.endswith(FILE)]
        return sources.extractfile(member).read().decode()


def vocabularies(archive, folder):
    """Unpacks the vocabularies and their vectors; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as sources:
        for member in sources.getmembers():
            name = pathlib.PurePath(member.name).name
            if "/models/ggml-vocab-" in member.name and not (folder / name).exists():
                (folder / name).write_bytes(sources.extractfile(member).read())
    return sorted(path.stem.removeprefix("ggml-vocab-") for path in folder.glob("ggml-vocab-*.gguf"))


def expressions(text):
    """The expressions of each kind of splitting."""
    text = text[text.index("struct llm_tokenizer_bpe :"):]
    text = text[:text.index("struct llm_tokenizer_bpe_session")]
    found, kinds = {}, []
    for kind, lines in re.findall(r"case LLAMA_VOCAB_PRE_TYPE_(\w+):|regex_exprs = \{(.*?)^ *\};", text, re.S | re.M):
        if kind:
            kinds.append(kind)
            continue
        code = [ast.literal_eval(literal) for line in lines.splitlines() if not line.lstrip().startswith("//")
                for literal in LITERAL.findall(re.sub(r'(",)\s*//.*', r"\1", line))]
        for kind in kinds or ["DEFAULT"]:
            found[kind] = code
        kinds = []
    return found


def names(text):
    """(kind, whether merges are ignored, whether a text begins with the begin token) of each name."""
    text = text[text.index("pre_type = LLAMA_VOCAB_PRE_TYPE_DEFAULT;\n            } else if (tokenizer_pre == \"default\""):]
    found = {}
    for condition, body in re.findall(r"else if \((.*?)\) \{(.*?)\}", text, re.S):
        kind = re.search(r"pre_type = LLAMA_VOCAB_PRE_TYPE_(\w+);", body)
        for name in re.findall(r'tokenizer_pre == "([^"]+)"', condition):
            found[name] = kind[1], "ignore_merges = true" in body, "add_bos = true" in body
    return found
