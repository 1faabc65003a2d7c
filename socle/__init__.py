"""What every room stands on: disk, printing of figures, quoting in SQL, statuts, the tree of errors."""
