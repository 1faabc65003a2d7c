"""What was ever released: the register, how marts are read, the geography of then."""
