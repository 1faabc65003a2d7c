"""The one error of this room.

Every message says what was found, where, and what the reader should do next.
"""


class ErreurPublication(Exception):
    """A release cannot be made, found or moved; nothing readers open has changed."""
