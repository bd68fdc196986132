"""Signing in: the doors, second factors, the provider, sessions, and what is limited."""
