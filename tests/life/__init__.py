"""The life of a packet: every verb, its whole consequence, and what did not happen."""
