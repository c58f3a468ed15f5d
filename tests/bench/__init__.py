"""Results of the benchmarks, and what is written from them. Nothing is measured here."""
