"""What holds for all tests, whatever runs them."""

from hypothesis import settings

settings.register_profile("imapd", deadline=None, derandomize=True)  # a busy machine is no fault, and luck no test
settings.load_profile("imapd")
