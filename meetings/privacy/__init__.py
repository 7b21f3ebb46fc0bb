"""What is kept of people and how long, what they may have and ask for, and how they are forgotten (ADR 17)."""
