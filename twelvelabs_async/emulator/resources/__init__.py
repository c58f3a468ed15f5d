"""What the operations of several tags share: stored documents, lists, filters, and the work on media."""
