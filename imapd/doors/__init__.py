"""What every door stands on: the factory of its connections, their log, and octets on their way out."""
