"""A mail access server: doors on Twisted over a `mailstore`."""

__version__ = "0.1.0"
