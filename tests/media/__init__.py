"""Kind and length of files."""
