"""What the user sets: the options of a client, time limits, the retry policy, hooks. Nothing here does I/O."""
