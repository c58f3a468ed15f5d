"""What maintainers run around a release: `python -m release`. RELEASING.md says when."""
