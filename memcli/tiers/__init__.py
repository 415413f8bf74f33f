"""The three tiers of memory.

sensory.py     this input, before anything is decided
short_term.py  the working context inside the model's window
long_term.py   what outlives the session
"""
