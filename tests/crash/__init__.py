"""A server that is killed again and again under a random load, and what it promised compared with what it kept.

``make crash`` kills it 300 times; the test suite five times.  SIGKILL loses what is in the process, not what is in the
system's cache: it shows that nothing is acknowledged too early and nothing half-done becomes visible.

``make powercut`` is about the rest: a disk that forgets what was not synced, and tears what was being written.
"""
