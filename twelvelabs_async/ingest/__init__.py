"""Batch ingestion: many sources into an index or a knowledge store, each exactly once."""
