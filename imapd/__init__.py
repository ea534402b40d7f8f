"""A mail access server: doors on Twisted over a `mailstore`."""
