"""What a packet says: canonical form, digest, cuts, comparing and what is missing."""
