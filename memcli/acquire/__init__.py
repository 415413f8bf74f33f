"""What is worth keeping: from text to candidates for memories, each proved by a quote."""
