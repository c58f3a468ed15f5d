"""`make check-api`: schemathesis against the emulator, with the OpenAPI document as the judge."""
