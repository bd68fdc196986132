"""Risk: what a signer should know before signing. Pure: facts are handed in."""
