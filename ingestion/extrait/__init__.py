"""What is particular to the allocataire extract: the only folder of the project that sees a person's row."""
