"""A model card's front matter, as the Hub's library reads it."""
import sys

from huggingface_hub import ModelCard

card = ModelCard.load(sys.argv[1], ignore_metadata_errors=False)
target, draft, licence = sys.argv[2:]
found = (card.data.base_model, card.data.license, card.data.library_name)
assert found == ([target, draft], licence, "griffin"), found
assert "## Digests" in card.text, card.text
