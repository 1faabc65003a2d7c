"""What every room stands on: bytes brought to the disk, quoting in SQL, the error that every room knows."""
