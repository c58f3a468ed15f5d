"""From an HTTP request to a checked call, and from what a handler returns to an HTTP response."""
