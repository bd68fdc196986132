"""The shell: environment, checks, start and stop."""
