"""Find what the model should know now.

plan.py        what a question asks for
candidates.py  lexical, semantic and structured search
fuse.py        one score out of their parts
budget.py      what fits the prompt, and how it is shown
recall.py      the four in a row
"""
