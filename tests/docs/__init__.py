"""The Python of README.md and docs/ is type-checked, compiled and run."""
