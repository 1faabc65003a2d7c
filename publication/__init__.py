"""What readers are given: masks, exports, the release store, explanations of a figure.

Knows no Dagster and reads no source file: it starts from the marts of a built warehouse.
"""
