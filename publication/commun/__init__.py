"""What every form of a publication shares: words, names, levels, colours, and the reading of the marts.

Knows no format, and imports no other floor of `publication`.
"""
