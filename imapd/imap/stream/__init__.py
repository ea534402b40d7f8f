"""Octets between the transport and the framing: compressed or not, held up where one side is slower."""
