"""From arguments to a request: what an operation is, and how its path, query, headers, files and body are written."""
