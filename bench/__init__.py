"""Measurements: what the server costs, by CPU time, memory and how long it keeps everyone else from the reactor."""
