"""The ground floor: what reads a release, its figures, its places and its words. It knows no other floor."""
