"""The seal: the tree, checkpoints and verification."""
