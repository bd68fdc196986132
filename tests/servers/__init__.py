"""Real servers for the tests: PostgreSQL, Redis, Chromium. Each starts alone and leaves nothing behind."""
