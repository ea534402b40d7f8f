"""Octets <-> values of LMTP, sans-IO: lines, what follows DATA and BDAT, and the arguments of commands."""
