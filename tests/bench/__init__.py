"""Side-by-side timings, as ratios of one run on one machine. Never part of the tests."""
