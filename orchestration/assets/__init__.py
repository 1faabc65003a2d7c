"""The assets of the night, in the order of the graph: sources, landing, normalised, warehouse, release."""
