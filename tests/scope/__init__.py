"""Lines: reading and writing them, and what a call meets in them."""
