"""What every room stands on: bytes brought to the disk, quoting in SQL, errors for the person who must act."""
