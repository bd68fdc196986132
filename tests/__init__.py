"""The tests. They mirror the house; tests/journeys is the place to start reading."""
