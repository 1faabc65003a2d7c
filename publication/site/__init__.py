"""The site of a release, which opens by double click, and the portraits that its pages lead to.

Pages need no server, no network and no framework; they follow from the tables and from the code, and no
content hash holds them. The same release gives the same bytes.
"""
