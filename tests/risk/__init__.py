"""The findings: what is noticed, and what is not."""
