"""The law as data: parameters, relations of mesures, reasons, the primary rule. Decides nothing by itself."""
