"""Setting up: what is missing, and tests that really try it."""
