"""What is owed survives: workers killed with -9, mail servers that fail, databases that go away."""
