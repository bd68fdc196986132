"""Accounts: the doors people come in by, their second factors and sessions, and how each of it is recorded."""
