"""The relations that memcli knows: how a question asks for each, and whether it has one value.

A newer memory takes the place of an older one only under a single-valued predicate.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

PEOPLE = (
    "wife husband partner girlfriend boyfriend fiancé fiancée fiance spouse mother mom mum father dad"
    " parents sister brother son daughter child twin aunt uncle cousin niece nephew grandmother"
    " grandfather grandma grandpa stepmother stepfather boss manager friend roommate flatmate"
    " neighbour neighbor colleague coworker teacher doctor dentist therapist landlord mentor"
    " mother-in-law father-in-law brother-in-law sister-in-law son-in-law daughter-in-law stepmum"
    " stepmom stepdad stepson stepdaughter stepsister stepbrother ex-wife ex-husband ex godmother"
    " godfather grandson granddaughter grandad granddad granny gran nan kid baby housemate"
    " mate bestie pal supervisor tutor coach trainer physiotherapist accountant lawyer hairdresser vet nanny"
    " babysitter assistant client landlady optician gp lodger tenant gf bf hubby"
).split()
PEOPLE.sort(key=len, reverse=True)  # "mother-in-law" before "mother", for patterns
PETS = "dog cat puppy pup kitten rabbit hamster parrot horse pony goldfish fish bird tortoise turtle".split()

# Other words for the same person. The first is the one that triples have for a subject.
SAME_PERSON = [
    group.split()
    for group in (
        "mother mum mom",
        "father dad",
        "grandmother grandma granny gran nan",
        "grandfather grandpa grandad granddad",
        "stepmother stepmum stepmom",
        "stepfather stepdad",
        "wife husband spouse hubby",
        "girlfriend boyfriend partner gf bf",
        "fiancé fiancée fiance",
        "flatmate roommate housemate",
        "neighbour neighbor",
        "colleague coworker",
        "friend mate bestie pal",
        "boss manager",
        "child kid baby",
        "doctor gp",
        "dog puppy pup",
        "cat kitten",
    )
]
ALIASES = {word: group for group in SAME_PERSON for word in group}
# One's partner, by the stage of the relationship; "relationship" holds what is none of them.
STAGES = ("wife", "girlfriend", "fiancé")
PARTNER = [word for stage in STAGES for word in ALIASES[stage]]

UNREAD = "?"  # stands for the predicate of a statement that no rule could read
Valued = Literal["fixed", "single", "many"]
# Of these there is one value for ever: another one is a mistake on one side.
FIXED = (
    "name birthday origin birthplace mother father mum mom dad|blood type|blood group|eye colour"
    "|eye color|middle name|maiden name|birth name|star sign|mother tongue|native language"
    "|first language|nationality|eyes colour|eyes color|handedness|anniversary|wedding anniversary|surname|last name|first name|date of birth|year of birth"
)
# Of these there is one value at a time, and a newer one takes its place.
CHANGING = (
    "age home employer job diet email phone address relationship drives school household height weigh spouse prefers weight"
    " salary landlord landlady boss mobile"
)
MANY = (
    "likes dislikes allergy speaks pet family plan goal habit health owns uses visited studies"
    " other work member subscription family former note watches reads plays"
)
VALUES: dict[str, Valued] = {
    **dict.fromkeys(MANY.split(), "many"),
    **dict.fromkeys(CHANGING.split(), "single"),
    **dict.fromkeys(FIXED.partition("|")[0].split(), "fixed"),
    **dict.fromkeys(FIXED.split("|")[1:], "fixed"),
    **dict.fromkeys(PARTNER, "single"),
}

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


@dataclass(frozen=True, slots=True)
class Predicates:
    """The table of predicates with what the owner has changed in it."""

    single_valued: Collection[str] = ()
    many_valued: Collection[str] = ()

    def valued(self, name: str) -> Valued:
        """Say how many values a predicate has; one that is not in the table has one at a time."""
        name = name.casefold()
        if name in self.many_valued:
            return "many"
        if name in self.single_valued:
            return "single"
        return VALUES.get(name) or ("many" if name in PEOPLE or name in PETS else "single")


def same_relation(word: str) -> list[str]:
    """Return all words for a relation or an animal, the one that stands for them first."""
    return ALIASES.get(word.casefold(), [word.casefold()])


def asked_about(question: str) -> list[str]:
    """Return the predicates of the user that a question asks for."""
    found = [name for name, asked in ASKED.items() if asked.search(question)]
    found += dict.fromkeys(person.lower() for person in MY_PERSON.findall(question))
    if match := re.search(r"\bmy favou?rite ([\w ]+)", question, re.IGNORECASE):
        found.append(f"favourite {match[1].split(' is')[0].strip().lower()}")
    return found
