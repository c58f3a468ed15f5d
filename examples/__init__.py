"""Programs that show the SDK at work; run them from a checkout with `python -m examples.<name>`."""
