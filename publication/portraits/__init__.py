"""The portrait of a territory: one content, and the formats that lay it out.

`contenu` makes every choice (figure, year, comparator, rounding, words); a format only lays out, and its
library is imported by its module alone.
"""
