"""What clients are told that they did not ask for, and when."""
