"""Backups: one file that holds the whole record, and the way back from it. Keys are never inside."""
