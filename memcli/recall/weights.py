"""What each part of a score counts for.

``FITTED`` is the output of ``python benchmarks/fit_recall.py DATA``; docs/lab.md has the figures,
those on conversations left out of the fit among them. ``RULES`` are decisions and not fitted.
"""

FITTED = {
    "words": 0.9,  # BM25 over the turn and its short neighbours, as a share of the best
    "phrases": 0.4,  # pairs of the question's words that stand together, likewise
    "session": 0.54,  # what the whole session tells of the question's words, likewise
    "meaning": 0.72,  # cosine
    "nearest": 0.31,  # cosine as a share of the best
    "meaning nearby": 0.44,  # cosines of the turns before and after
    "likeness": 0.2,  # the likest word for each of the question's, by idf
    "likeness nearby": 0.29,
    "speaker": 0.66,  # said by somebody the question names
    "of themselves": 0.33,  # and that in the first person
    "time words": 0.74,  # tells a time, where the question asks when
    "said by you": 0.7,  # the owner's own words, not an answer's
    "time": 1.34,  # lies in a stretch of time the question names
    "standing wish": 0.95,  # how the owner always wants it, where the question asks for help
    "preference": 0.75,  # what the owner prefers, likewise
    "answer's kind": 0.44,  # holds a number, a place or a person, where that is asked for
    "ends asking": -0.3,  # short, and its last sentence asks
    "length": -0.08,  # logarithm of the words beyond a window's
}
RULES = {
    "relation": 1.5,  # states just the relation that was asked for
    "quoted": 1.5,  # holds what the question puts in quotation marks
    "second hop": 0.8,  # speaks of somebody or something that the best hit names
    "pinned": 0.1,  # the owner holds it to be important
    "used": 0.1,  # stood behind earlier answers, and not long ago
    "importance": 0.1,  # as its extractor or its owner judged it
    "summary": -0.4,  # tells what others tell; in front where a summary is asked for
    "only asks": -3.0,  # an earlier question of the owner's answers none
    "recent": 0.02,  # newer than the other candidates
    "outdated": -5.0,  # superseded: behind all that still holds, unless the past is asked for
}
WEIGHTS = FITTED | RULES

# Logistic regression on whether a question has an answer, both sides counting the same:
# where it names a speaker, and (rounded, with too few questions to say more) where it does not.
SUPPORT_OF_NAMED = {"bias": -2.16, "likest": 1.93, "likelier elsewhere": -3.43, "theirs": 2.79}
SUPPORT = {"bias": -5.2, "score": 1.55, "likest": 1.2, "covered": 1.2}
