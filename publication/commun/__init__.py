"""What every floor of `publication` shares: words, names, levels, colours, the reading of the marts."""
