"""From arguments to a request: the description of an operation, and the encoding of path, query, headers and body."""
