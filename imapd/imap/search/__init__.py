"""Finding messages: what SEARCH, SORT, THREAD and ESEARCH look for, in which order, and how they answer."""
