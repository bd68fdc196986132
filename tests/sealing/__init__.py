"""The seal: the tree, checkpoints, verification and evidence."""
