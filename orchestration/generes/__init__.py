"""What is derived from the contracts and the dictionary: text that dbt reads, pages that people read."""
