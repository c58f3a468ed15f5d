"""Fault injection: a plan of what fails, and what carries it out on the connections themselves."""
