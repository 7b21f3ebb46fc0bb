"""Backup and restore of a whole installation: one zip, portable between SQLite and PostgreSQL (docs/operating.md)."""
