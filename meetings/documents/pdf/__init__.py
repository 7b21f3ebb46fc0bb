"""Safe, calm, embedded-font PDF on reportlab. It knows nothing of meetings."""
