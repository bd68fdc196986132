"""Lines: what a packet allows, how they are read and written, and what an action meets in them. Pure: no Django."""
