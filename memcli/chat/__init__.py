"""The conversation: the pipeline of a turn, and the prompt line around it."""
