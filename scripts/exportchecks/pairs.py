"""Golden pairs whose targets and drafts are exported."""
PAIRS = ["llama2-tiny", "vicuna-tiny", "llama31-tiny", "qwen2-tiny", "mixtral-tiny", "llama3-eagle3"]
