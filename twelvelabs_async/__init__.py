"""Async Python SDK for the TwelveLabs video-understanding API."""
