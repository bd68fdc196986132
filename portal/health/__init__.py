"""Whether everything owed is on time: looked at by workers, told to machines and to people."""
