"""Measure recall and answers on published sets and golden questions, as a user's script would."""
