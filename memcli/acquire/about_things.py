"""How people speak of their things: "my house number is 47", "my car is red", "my bank is Santander".

The thing names the predicate. Most sentences of this shape are small talk ("my code is broken", "my
guess is"), so a value counts only if it looks like one: a name, a number, a colour, a description
of something that one owns, or anything short for an attribute such as a size or a type.
"""
# ruff: noqa: E501  (tables of patterns read best with one meaning a line)

from __future__ import annotations

import re

from memcli.acquire.candidate import Candidate
from memcli.acquire.predicates import PEOPLE, PETS
from memcli.dates import MONTHS, WEEKDAYS
from memcli.records import USER, Span, Triple

MINE = re.compile(
    r"(?:my|our) (?P<thing>(?!name\b|favou?rite\b|birthday\b|age\b)[^\W\d_][\w-]*(?:[’'](?=s \w))?"
    r"(?:s? [\w-]+){0,3}?)(?:[’']s| is| are|:| was(?= (?:now|changed)))"
    r" (?:now |currently |also |still |called |named |spelled |spelt |actually |really )*(?P<value>[^;!?]{1,80}?)[.!]*$",
    re.IGNORECASE,
)
ADDED = re.compile(  # what no longer belongs to the value
    r",? (?:now|again|these days|at the moment|currently|as well|too|by the way|btw"
    r"|and (?:i|it|my|we|the)|but|because|since|so|which|who|though|although)\b.*|, (?:not|and|but|so|which|i|it|we|my)\b.*",
    re.IGNORECASE,
)
NEW = re.compile(r"^(?:(?:new|current|own|full|actual|main|present|latest) )+", re.IGNORECASE)
COLOUR = re.compile(
    r"(?:(?:dark|light|bright|pale|deep|navy|sky|lime|off|metallic)[ -])?(?:red|blue|green|yellow"
    r"|orange|purple|pink|brown|black|white|gr[ae]y|silver|gold|golden|beige|turquoise|violet"
    r"|maroon|teal|cream|blond|blonde|ginger|auburn|hazel)(?: and \w+)?",
    re.IGNORECASE,
)
ATTRIBUTES = frozenset(
    """number size type group colour color brand make model title shift password-hint length height
    weight salary rent income budget plate registration username handle nickname surname sign
    nationality religion faith degree major minor subject profession occupation job role position
    department employer company school university college team club band gym bank airline insurer
    landlord gp dentist doctor church neighbourhood neighborhood street city town village country
    postcode zip zipcode hometown timezone instrument hobby sport genre tongue language pronouns
    commute car bike phone laptop tablet camera console provider operator browser editor os
    district floor room office desk locker flat apartment house""".split()
)
OWNED = frozenset(
    """car bike bicycle motorbike motorcycle van truck boat house flat apartment phone laptop computer
    tablet camera guitar piano violin watch bag tent kitchen bathroom bedroom sofa door fence roof
    hair eyes room office desk wall walls sweater coat jacket dress backpack suitcase umbrella
    scooter caravan tv printer fridge oven helmet glasses kayak""".split()
)
# Heads of what people speak of without telling anything lasting.
NOT_THINGS = frozenset(
    """question problem point guess answer idea code function variable query error issue output test
    prompt request task apologies apology thanks thank bad mistake fault turn understanding advice opinion view
    intention concern worry hope dream plan plans suggestion script program app application file
    files database server input result results character story essay text class table list array
    dataset data example homework assignment sentence word words head day week weekend morning
    evening night life time heart stomach back mood feeling impression reason reasons response reply message
    thought thoughts feelings condolences respects conclusion assumption theory take bet experience
    order package delivery train flight bus plane meeting call interview appointment trip exam
    party wedding holiday vacation goal priority focus aim job's biggest main first next last only
    second third final latest mind face hand hands throat nose leg arm knee god goodness dear
    pleasure way attempt solution approach implementation formula equation math terminal console
    compiler build branch commit repo repository api endpoint config component loop string object
    expectation argument thesis dog's favorite favourite choice verdict advice lucky preference""".split()
)
PASSING = frozenset(
    "order ticket tracking case invoice booking delivery flight train gate seat error session".split()
)
STATES = re.compile(
    r"(?:so |very |really |too |pretty |quite |a bit |all |not |just )*(?:broken|dead|dirty|empty"
    r"|full|slow|late|delayed|cancell?ed|gone|down|up|off|on|out|fine|good|great|ok|okay|bad|awful"
    r"|amazing|done|ready|missing|lost|stuck|killing|acting|making|getting|going|hurting|aching"
    r"|sore|cold|hot|wet|ruined|here|there|wrong|right|correct|as|like|to|that|this|it|what|how|why"
    r"|when|if|because|the (?:same|best|worst|only|one|most)|none|nothing|something|everything"
    r"|driving|being|no|yes|in (?:a|the)|at (?:a|the)|about|for|with|currently|hard|easy"
    r"|complicated|private|secret|unknown|none|a (?:mess|disaster|nightmare|secret|joke|bit|lot"
    r"|little|problem|pain|question|dream|total|complete))\b",
    re.IGNORECASE,
)
PROPER = re.compile(
    r"(?:the |an? )?(?-i:[A-Z])[\w&.’'-]*(?: [\w&.’'-]+){0,5}$|[@\w.+-]*\d[\w .:/@+-]*$"
)
DAY = re.compile(rf"(?:on |this |next )*(?:{'|'.join(WEEKDAYS + MONTHS)})\b", re.IGNORECASE)
DESCRIBED = re.compile(r"(?:an? |made of |from )[\w’' -]{3,50}$", re.IGNORECASE)
PHONES = {"number": "phone", "phone number": "phone", "mobile number": "phone"}
SHORT = 4  # words of the value of an attribute
PEOPLE_AND_PETS = frozenset([*PEOPLE, *PETS])


def read(clause: str, span: Span) -> list[Candidate]:
    """Return what a clause says of a thing of the user's: at most one candidate."""
    if not (match := MINE.match(clause)):
        return []
    thing = NEW.sub("", match["thing"]).lower()
    value = ADDED.sub("", match["value"]).strip(" '\"’.,")
    predicate = _predicate(thing, value)
    triple = Triple(USER, predicate, re.sub("^in (?=[A-Z])", "", value))
    return [Candidate("fact", clause, span, (triple,))] if predicate else []


def _predicate(thing: str, value: str) -> str:
    """Return the predicate that a value of a thing stands under, or nothing for small talk."""
    words = thing.split()
    head = words[-1] if words else ""
    if (
        not value
        or PEOPLE_AND_PETS.intersection(re.split(r"['’\s]+", thing))
        or head in NOT_THINGS
        or not PASSING.isdisjoint(words)
        or STATES.match(value)
    ):
        return ""
    if head == "home" and re.match(r"in [A-Z]", value):
        return "home"
    if COLOUR.fullmatch(value):
        return f"{thing} colour".replace("colour colour", "colour").replace("color colour", "color")
    if DAY.match(value):
        return ""
    described = DESCRIBED.match(value)
    short = len(value.split()) <= SHORT and not described
    attribute = head in ATTRIBUTES - OWNED and short
    counts = attribute or PROPER.match(value) or (head in OWNED and described)
    return PHONES.get(thing, thing) if counts else ""
