"""The evidence bundle: taken, verified with our verifier and with foreign tools, and changed in every way."""
