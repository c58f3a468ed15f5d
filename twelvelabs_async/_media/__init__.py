"""What a file is, read from its content: kind of content, and length. No decoding, and no more than its headers."""
