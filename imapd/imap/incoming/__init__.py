"""Messages on their way in: literals, and whether and where they may go."""
