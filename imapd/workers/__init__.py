"""Several processes that take clients from the same sockets, and the one that looks after them."""
