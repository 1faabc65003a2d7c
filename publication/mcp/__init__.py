"""Answers of a release to an assistant, over the Model Context Protocol: read-only, no closed zone opened."""
