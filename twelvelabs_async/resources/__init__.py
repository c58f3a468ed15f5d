"""Hand-written parts of the resource tree: a module here is used instead of the generated class of its path."""
