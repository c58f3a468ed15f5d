"""What the OpenAPI document says, for tests that are derived from it. Needs PyYAML and nothing else."""
