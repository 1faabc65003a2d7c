"""The portrait of a territory: one content, and the formats that lay it out.

`contenu` reads one release and returns a `modele.Document`, in which every choice is made: which figure,
which year, beside which comparator, how it is rounded and worded. A format (HTML, PDF, PPTX, XLSX) only lays
it out, and never formats a figure again. Libraries of a format are imported by its module alone, when it is
asked for.
"""
