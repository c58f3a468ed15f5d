"""The programs in examples/ do against the emulator what they say."""
