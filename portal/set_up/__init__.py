"""The administrator's first day: what is there, what is missing, and tests that really try it."""
