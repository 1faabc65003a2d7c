"""Source contracts: what a contract may say, and what follows from it alone."""
