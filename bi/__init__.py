"""Dashboards on a release, in tools that others write, and the servers that show them on one's own machine.

Belongs here: what such a tool is told (its tables, its charts), made from what a release says of itself; a
PostgreSQL and a tool on loopback (`make bi`). Does not: how a release goes to PostgreSQL, which is
`publication.exports.postgres`, nor any figure: nothing is computed here that the marts do not say.
"""
