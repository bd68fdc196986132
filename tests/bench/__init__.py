"""A large installation, made in bulk, and what every page costs there."""
