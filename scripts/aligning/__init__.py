"""Token-alignable training of drafts in PyTorch."""
