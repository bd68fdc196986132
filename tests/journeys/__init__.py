"""Journeys: what people do here, from the first page to the last letter. The place to start reading."""
