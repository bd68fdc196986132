"""Sign-off rules: their words, what loosens them, and how they change."""
