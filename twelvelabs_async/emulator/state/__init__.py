"""What survives a restart: documents, files, and the jobs that are due."""
