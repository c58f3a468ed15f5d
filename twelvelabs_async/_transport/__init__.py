"""From a request to a response: one pipeline for plain calls, streams and chunks of uploads."""
