"""Example programs for the SDK; run them from a checkout with `python -m examples.<name>`."""
