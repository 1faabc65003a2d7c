"""The ground floor: what reads a release, finding a place first. It knows no other floor."""
