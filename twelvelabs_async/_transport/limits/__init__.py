"""When a request may go."""
