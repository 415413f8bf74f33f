"""The relations that memcli knows: how a question asks for each, and whether it has one value.

A newer memory takes the place of an older one only under a single-valued predicate.
"""

from __future__ import annotations

import re

PEOPLE = (
    "wife husband partner girlfriend boyfriend fiancé fiancée fiance spouse mother mom mum father dad"
    " parents sister brother son daughter child twin aunt uncle cousin niece nephew grandmother"
    " grandfather grandma grandpa stepmother stepfather boss manager friend roommate flatmate"
    " neighbour neighbor colleague coworker teacher doctor dentist therapist landlord mentor"
).split()
PETS = "dog cat puppy kitten rabbit hamster parrot horse pony goldfish fish bird tortoise turtle".split()


# Predicates of which there is one value at a time.
SINGLE = "name birthday age home origin employer job diet email phone address".split()
# How questions of the user about themselves ask for each.
ASKS = {
    "name": r"\bmy (?:full |first |last )?name\b|\bwho am i\b|\bam i called\b",
    "birthday": r"\bmy birthday\b|\bi (?:was )?born\b|\bmy (?:birth ?date|age)\b"
                r"|\bhow old am i\b",
    "age": r"\bhow old am i\b|\bmy age\b",
    "home": r"\b(?:where|what (?:city|town|country|place)) (?:do|am) i "
            r"(?:currently |now )?(?:live|living|based)\b|\bmy (?:home|city)\b"
            r"|\bi (?:currently |now )?live\b",
    "origin": r"\b(?:am i|i'm|do i come) (?:originally )?from\b|\bmy hometown\b",
    "employer": r"\b(?:do|did) i work\b|\bmy (?:job|employer|company|work)\b",
    "job": r"\bmy (?:job|profession|occupation|work)\b|\bi do for (?:a living|work)\b"
           r"|\bwhat do i work\b|\bdo i do\b",
    "allergy": r"\ballerg|\b(?:can ?not|can't|must not|shouldn't|not) i? ?eat\b",
    "diet": r"\bdiet\b|\bvegetarian\b|\bvegan\b|\bdo i eat\b",
    "likes": r"\b(?:do|did|things|what|food|music) i (?:like|love|enjoy)\b"
             r"|\bmy (?:hobb|interests|likes|taste)",
    "dislikes": r"\bi (?:not like|dislike|hate|avoid)\b|\bmy dislikes\b"
                r"|\b(?:don't|do not) i like\b|\bi (?:don't|do not) like\b",
    "pet": r"\bmy (?:pets?|" + "|".join(PETS) + r")s?\b|\b(?:any|what) pets?\b"
           r"|\bi have an? (?:" + "|".join(PETS) + r")\b",
    "speaks": r"\blanguages?\b.*\bi\b|\bi speak\b",
    "plan": r"\bmy plans?\b|\b(?:am i|i'm) (?:going|planning|flying|doing)\b"
            r"|\bmy (?:appointment|flight|trip|meeting|interview|exam)s?\b",
    "email": r"\bmy e-?mail\b",
    "phone": r"\bmy (?:phone|mobile|number)\b",
    "address": r"\bmy address\b",
}  # fmt: skip
ASKED = {name: re.compile(asks, re.IGNORECASE) for name, asks in ASKS.items()}
MY_PERSON = re.compile(rf"\bmy ({'|'.join(PEOPLE)})s?\b", re.IGNORECASE)


def is_single_valued(name: str) -> bool:
    """Say whether a newer value takes the place of an older one."""
    return name in SINGLE or name.startswith("favourite ")


def asked_about(question: str) -> list[str]:
    """Return the predicates of the user that a question asks for."""
    found = [name for name, asked in ASKED.items() if asked.search(question)]
    found += dict.fromkeys(person.lower() for person in MY_PERSON.findall(question))
    if match := re.search(r"\bmy favou?rite ([\w ]+)", question, re.IGNORECASE):
        found.append(f"favourite {match[1].split(' is')[0].strip().lower()}")
    return found
