"""Compares our OpenAPI document with one of the vendor's: what only one of them has, and what is not the same."""
