"""Measurements: our server beside another on the same mail (``python -m bench``), and very large accounts."""
