"""What is new for a person in a network: the bell."""
