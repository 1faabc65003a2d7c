"""The law as data: parameters, relations of mesures, the primary rule. Decides nothing by itself."""
