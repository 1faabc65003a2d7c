"""What every room stands on: bytes brought to the disk, errors for the person who must act."""
