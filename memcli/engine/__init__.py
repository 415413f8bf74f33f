"""What turns text into vectors, and prompts into answers."""
