"""What every room stands on: bytes brought to the disk, quoting in SQL, errors that say what to do next."""
