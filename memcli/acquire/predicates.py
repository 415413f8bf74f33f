"""The relations that memcli knows: how a question asks for each, and whether it has one value.

A newer memory takes the place of an older one only under a single-valued predicate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PEOPLE = (
    "wife husband partner girlfriend boyfriend fiancé fiancée fiance spouse mother mom mum father dad"
    " parents sister brother son daughter child twin aunt uncle cousin niece nephew grandmother"
    " grandfather grandma grandpa stepmother stepfather boss manager friend roommate flatmate"
    " neighbour neighbor colleague coworker teacher doctor dentist therapist landlord mentor"
).split()
PETS = "dog cat puppy kitten rabbit hamster parrot horse pony goldfish fish bird tortoise turtle".split()


@dataclass(frozen=True, slots=True)
class Predicate:
    """A relation. ``asked`` matches questions of the user about themselves that it answers."""

    name: str
    single: bool
    asked: re.Pattern[str] | None = None


def _predicate(name: str, single: bool, asked: str = "") -> Predicate:
    return Predicate(name, single, re.compile(asked, re.IGNORECASE) if asked else None)


KNOWN = {
    predicate.name: predicate
    for predicate in [
        _predicate("name", True, r"\bmy (?:full |first |last )?name\b|\bwho am i\b|\bam i called\b"),
        _predicate("birthday", True, r"\bmy birthday\b|\bi (?:was )?born\b|\bmy (?:birth ?date|age)\b"
                                     r"|\bhow old am i\b"),
        _predicate("age", True, r"\bhow old am i\b|\bmy age\b"),
        _predicate("home", True, r"\b(?:where|what (?:city|town|country|place)) (?:do|am) i "
                                 r"(?:currently |now )?(?:live|living|based)\b|\bmy (?:home|city)\b"
                                 r"|\bi (?:currently |now )?live\b"),
        _predicate("origin", True, r"\b(?:am i|i'm|do i come) (?:originally )?from\b|\bmy hometown\b"),
        _predicate("employer", True, r"\b(?:do|did) i work\b|\bmy (?:job|employer|company|work)\b"),
        _predicate("job", True, r"\bmy (?:job|profession|occupation|work)\b|\bi do for (?:a living|work)\b"
                                r"|\bwhat do i work\b|\bdo i do\b"),
        _predicate("allergy", False, r"\ballerg|\b(?:can ?not|can't|must not|shouldn't|not) i? ?eat\b"),
        _predicate("diet", True, r"\bdiet\b|\bvegetarian\b|\bvegan\b|\bdo i eat\b"),
        _predicate("likes", False, r"\b(?:do|did|things|what|food|music) i (?:like|love|enjoy)\b"
                                   r"|\bmy (?:hobb|interests|likes|taste)"),
        _predicate("dislikes", False, r"\bi (?:not like|dislike|hate|avoid)\b|\bmy dislikes\b"
                                      r"|\b(?:don't|do not) i like\b|\bi (?:don't|do not) like\b"),
        _predicate("pet", False, r"\bmy (?:pets?|" + "|".join(PETS) + r")s?\b|\b(?:any|what) pets?\b"
                                 r"|\bi have an? (?:" + "|".join(PETS) + r")\b"),
        _predicate("speaks", False, r"\blanguages?\b.*\bi\b|\bi speak\b"),
        _predicate("plan", False, r"\bmy plans?\b|\b(?:am i|i'm) (?:going|planning|flying|doing)\b"
                                  r"|\bmy (?:appointment|flight|trip|meeting|interview|exam)s?\b"),
        _predicate("email", True, r"\bmy e-?mail\b"),
        _predicate("phone", True, r"\bmy (?:phone|mobile|number)\b"),
        _predicate("address", True, r"\bmy address\b"),
    ]
}  # fmt: skip


def is_single_valued(name: str) -> bool:
    """Say whether a newer value takes the place of an older one."""
    return KNOWN[name].single if name in KNOWN else name.startswith("favourite ")


def asked_about(question: str) -> list[str]:
    """Return the predicates of the user that a question asks for."""
    found = [p.name for p in KNOWN.values() if p.asked and p.asked.search(question)]
    found += [
        person for person in PEOPLE if re.search(rf"\bmy {person}s?\b", question, re.IGNORECASE)
    ]
    if match := re.search(r"\bmy favou?rite ([\w ]+)", question, re.IGNORECASE):
        found.append(f"favourite {match[1].split(' is')[0].strip().lower()}")
    return found
