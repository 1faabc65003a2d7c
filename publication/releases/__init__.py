"""The release store, and what is made of two releases."""
