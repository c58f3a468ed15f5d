"""The web example and the script for uploads in a real browser. `make test-web` runs these tests."""
