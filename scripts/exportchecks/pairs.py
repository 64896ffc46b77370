"""Golden pairs whose targets and drafts are exported, and what greedy decoding is held against."""
PAIRS = ["llama2-tiny", "vicuna-tiny", "llama31-tiny", "qwen2-tiny", "mixtral-tiny", "llama3-eagle3"]
TOKENS, MARGIN = 48, 1e-4
PROMPTS = [
    "Once upon a time", "The capital of France is", "def fibonacci(n):\n", "Hello 123 4 x", "Water boils at", "1 + 1 = 2, 2 + 2 =",
    "My favourite colour is", "In the year 1969", "Dear Sir or Madam,", "The quick brown fox",
]
