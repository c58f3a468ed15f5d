"""Writes `twelvelabs_async/_generated` from the OpenAPI document. Run it with `python -m codegen`; see README.md."""
