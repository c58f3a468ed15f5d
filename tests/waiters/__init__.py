"""Tests of the engine of waits."""
