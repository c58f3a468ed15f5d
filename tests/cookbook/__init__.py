"""The pages that need LanceDB, pandas or Jupyter are run: `make test-cookbook`."""
