"""Dashboards on a release, in tools that others write, and servers to see them on one machine (`make bi`)."""
