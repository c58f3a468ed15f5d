"""JSON and models: what models are made of, how they are written as JSON and read from it. Knows nothing of HTTP."""
