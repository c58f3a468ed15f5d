"""JSON and models: the base class of models, encoding and decoding. Independent of HTTP."""
