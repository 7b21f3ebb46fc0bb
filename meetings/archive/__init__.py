"""What was said and decided, found again: the search and the past meetings (ADR 27)."""
