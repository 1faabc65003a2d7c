"""`api/v1/` of a release: its figures as static JSON, described by the models that write them."""
