"""The allocataire extract, as far as it differs from a source: the only folder that sees a person's row."""
