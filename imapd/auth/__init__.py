"""Who may come in: names, passwords, SASL, and the cred portal that hands out a `Login`."""
