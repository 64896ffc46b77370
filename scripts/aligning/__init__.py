"""Token-alignable training of drafts in PyTorch: what griffin align does, for sizes that want a GPU."""
