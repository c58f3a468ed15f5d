"""Hand-written resources. Each extends the generated class of the same name, and replaces it in the resource tree."""
