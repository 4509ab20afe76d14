"""The versions of the record, in order."""
