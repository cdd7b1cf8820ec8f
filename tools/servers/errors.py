"""The one exception of this package: its text is what the user reads."""


class ServerError(Exception):
    """What was tried, and what happened."""
