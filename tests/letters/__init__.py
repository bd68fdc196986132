"""Letters: who hears of what, in which words, and what becomes of each."""
