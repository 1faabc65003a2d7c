"""What decides: systems, elimination, intervals, masks. `confidentialite.masquer` is its door."""
