"""How people speak of those in their life and of their things: who they are, what is said of them.

What is said of somebody with a name is a triple about that name, next to the one that says whose
name it is: two people of one name stay apart by it. Who has none is called by the relation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from memcli.acquire.about_user import CONDITION, FOODS, OFTEN
from memcli.acquire.candidate import Candidate
from memcli.acquire.predicates import PEOPLE, PETS, same_relation
from memcli.acquire.rule import (
    ANY_NAME,
    CALLED,
    COUNT,
    JOBS,
    NAME,
    NOT_LIKED,
    NOT_NAMES,
    NOT_PLACES,
    NOT_WORK,
    NOTHING,
    PERSON,
    REST,
    STARTS,
    WORD,
    Rule,
    rule,
    sieve,
)
from memcli.dates import MONTHS
from memcli.records import USER, Span, Triple
from memcli.sieve import Sieve

Knows = Callable[[str], bool]  # whether somebody of this name was spoken of

OF_TRADE = (
    r"(?!\w*(?:member|believer|lover|loser|winner|stranger|teenager|monster|disaster|smoker|swimmer|runner|reader"
    r"|gamer|drinker|eater|sleeper|christian|fighter|survivor|number|singleton|patient|parent|giant)\b)"
    r"\w{3,}(?:ter|cher|der|ner|ger|ler|mer|rer|ver|per|ctor|ator|itor|ist|rian|eer|ant|smith)"
)
COLOUR = "(?:dark |light |bright )?(?:red|blue|green|yellow|orange|purple|pink|brown|black|white|gr[ae]y|silver|gold|blonde?)"

RULES = [
    rule("fact", "{relation}", rf"(?:my|our) (?:[\w-]+ )?{PERSON}(?:{CALLED}| is| is now)(?: called| named)? {NAME}(?! (?:is|was|has|and i)\b)", NOT_NAMES),
    rule("fact", "{relation}", rf"(?:my|our) (?:[\w-]+ )?{PERSON}{CALLED} {ANY_NAME}", NOT_NAMES),
    rule("fact", "{relation}", rf"{NAME},? (?:is|was) my (?:[\w-]+ )?{PERSON}\b(?! (?!again|now|too|and|but|as)[a-z])", NOT_NAMES),
    rule("profile", "{what}", r"i (?P<what>weigh) (?:about |around |just over |just under )?(?P<object>\d[\d.,]* ?(?:kg|kilos?|kilograms?|pounds|lbs?|stone)\b)"),
    rule("profile", "household", r"(?:i|we) (?:now |still |currently )*live (?P<object>alone|by myself|on my own|with (?:my|a|two|three|some|(?-i:[A-Z]))[^,.;!?]{1,40}?)(?= in | at | now|[,.;!?]|$)"),
    rule("fact", "{relation}", rf"(?:i have|i've got|i've|i got) an? (?:new )?{PERSON}(?: now)?(?:, (?:his|her|their) name is|,? (?:called|named)) {NAME}", NOT_NAMES),
    rule("profile", "origin", r"(?:i am|i'm|i come) (?:originally )?from (?P<object>the (?-i:US|USA|UK|States|Netherlands|Philippines|Midlands|[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)\b[^,.;!?]{0,30})"),
    rule("fact", "member", rf"(?:i am|i'm|i’m) (?:also |still |now |currently )*a (?:paying |founding |board )?member (?:of|at) (?:the )?{REST}"),
    rule("fact", "habit", r"(?:i|we) (?:usually |normally |mostly |always |now )*(?P<object>(?:go|get|travel|commute|come) to (?:work|school|uni|university|college|the office|campus) (?:by|on|with|in) [^,.;!?]{2,30}?)(?= now| again| these days|[,.;!?]|$)"),
    rule("fact", "habit", r"(?:i'm|i’m|i am) (?:now )?(?P<object>(?:going|getting|travelling|traveling|commuting) to (?:work|school|uni|university|college|the office|campus) (?:by|on) [^,.;!?]{2,30}?)(?= now| again|[,.;!?]|$)"),
]  # fmt: skip

ADV = (
    "(?:(?:also|now|still|really|currently|recently|just|actually|already|absolutely|finally"
    "|both|has|have|is|are|'s|’s|very|severely|mildly|apparently happily|happily) )*"
)
NUMBER = (
    r"(?:\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?|one|two|three|four"
    r"|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen)"
)
DEMONYM = (
    "(?:american|australian|austrian|belgian|brazilian|british|canadian|chinese|croatian|czech|danish|dutch"
    "|egyptian|english|finnish|french|german|greek|hungarian|indian|indonesian|iranian|irish|israeli|italian"
    "|japanese|kenyan|korean|mexican|nigerian|norwegian|pakistani|polish|portuguese|romanian|russian|scottish"
    "|spanish|swedish|swiss|thai|turkish|ukrainian|vietnamese|welsh|colombian|chilean|argentinian|serbian)"
)
STAYS = (
    r"(?= (?:today|yesterday|now|again|next|last|this|on|in|tomorrow|soon|already|too|and|but|at)\b"
    r"|[,.;:!?]|$)"
)
DATE = rf"(?P<object>[^.;!?]*\d[^.;!?]*|(?:{'|'.join(MONTHS)})\b|(?-i:[A-Z])\w+ [\w ]{{3,20}})"
# What is said of a person or an animal: patterns for what follows the name.
SAID = sieve([
    rule("event", "plan", rf"{ADV}(?:is|are) (?P<object>(?:getting married|moving (?:to|in|out)|retiring|expecting|having a baby|graduating|turning \d+)\b[^,.;!?]{{0,40}}?)(?= and | but | so |[,.;!?]|$)"),
    rule("fact", "age", rf"{ADV}(?:is|are|turned|turns|turning|be) (?:now |only |just |already )*(?P<object>{NUMBER})(?: years old| years of age)?(?! (?:feet|foot|cm|kilo|minutes|hours|days|weeks|miles|%)){STAYS}"),
    rule("fact", "birthday", rf"(?:'s|’s) birthday(?: is|'s)?(?: on| in)? {DATE}"),
    rule("fact", "birthday", r"(?:was|were) born (?:on|in) (?=\d|(?:\w+ )?\d)(?P<object>[^,;!?]{2,30}?)(?=[,.;!?]|$)"),
    rule("fact", "home", rf"{ADV}(?:lives?|living|based|resides?|settled) (?:(?:alone|on (?:his|her|their) own|with \w+ \w+) )?(?:(?:in|at|near|on) {REST}|(?P<name>abroad|overseas)\b)", NOT_PLACES),
    rule("fact", "home", rf"{ADV}(?:moved|relocated|emigrated|moving) (?:back )?(?:over )?to {NAME}"),
    rule("fact", "employer", rf"{ADV}(?:works?|working|started working|started|teaches|teach|employed) (?:at|for) {REST}", NOT_WORK),
    rule("fact", "employer", rf"{ADV}(?:got|landed|started|accepted|found|has) (?:an? )?(?:new )?(?:job|position) (?:at|with) {REST}"),
    rule("fact", "job", rf"{ADV}(?:works?|working|started working|started) as (?:an? |the )?{REST}", NOT_WORK),
    rule("fact", "job", rf"{ADV}(?:is|are|became|become) (?:now )?an? (?P<object>(?:[\w-]+ ){{0,3}}(?:{JOBS}|{OF_TRADE}))\b(?: (?:at|for) (?P<employer>[^,.;!?]{{2,40}}))?"),
    rule("fact", "former job", rf"(?:was|used to be) an? (?P<object>(?:[\w-]+ ){{0,3}}{JOBS})\b"),
    rule("fact", "job", rf"{ADV}(?:is |are )?(?P<object>retired)\b"),
    rule("fact", "work", rf"{ADV}(?:works?|working) in {REST}", NOT_WORK),
    rule("fact", "spouse", rf"{ADV}(?:is |are |got )?married to {NAME}"),
    rule("fact", "relationship", rf"{ADV}(?:is|are|got) (?:now |recently )?(?P<object>single|divorced|widowed|married|engaged|separated)\b"),
    rule("fact", "origin", rf"{ADV}(?:(?:is|are|comes?) (?:originally )?from|grew up in|(?:was|were) (?:born|raised|brought up) in) {NAME}"),
    rule("fact", "origin", rf"{ADV}(?:is|are) (?P<object>(?:half )?{DEMONYM})\b"),
    rule("fact", "allergy", rf"{ADV}(?:is|are) {ADV}allergic to {REST}", NOTHING),
    rule("fact", "not employer", r"(?:has |have )?(?:quit|left|lost|resigned from) (?:his|her|their) job(?: (?:at|with) (?P<object>[^,.;!?]{2,40}))?"),
    rule("fact", "not employer", rf"(?:has |have )?(?:quit|left|was fired from|was laid off (?:by|from)|retired from) {NAME}"),
    rule("fact", "died", r"(?:has |have )?(?:sadly |just )?(?P<object>died|passed away|was put (?:down|to sleep))\b"),
    rule("fact", "allergy", rf"{ADV}(?:has|have) an? (?:severe |bad |mild )?(?P<object>[\w -]{{3,30}}?) allergy"),
    rule("fact", "health", rf"{ADV}(?:is|are) (?:now )?(?P<object>pregnant|diabetic|deaf|blind|disabled|dyslexic|autistic|colou?r-?blind|in hospital|in rehab)\b"),
    rule("fact", "health", rf"(?:has|have|had|suffers from|gets|was diagnosed with|has been diagnosed with) (?:an? )?(?:{CONDITION}|(?P<name>dementia|alzheimer's|parkinson's|arthritis|a (?:bad|dodgy) \w+)\b)"),
    rule("preference", "diet", rf"(?P<object>(?:can'?t|can’t|cannot|doesn'?t|doesn’t|don'?t|won'?t|never) (?:eats?|have|drinks?|touch(?:es)?) (?:any )?{FOODS}(?:(?:,| or| and|, or) {FOODS})*)\b"),
    rule("fact", "work", r"(?P<object>works? (?:nights|shifts|nightshifts|weekends|remotely|from home|part[- ]time|full[- ]time|offshore|abroad))\b"),
    rule("fact", "job", r"(?P<object>(?:runs?|manages?|owns?) (?:an?|the|her|his|their) (?:\S+ ){0,3}?(?:shop|bakery|caf[eé]|restaurant|company|business|farm|studio|salon|gallery|agency|practice|clinic|nursery|bookshop|store|hotel|pub|bar|garage|school|brewery|vineyard|team|department)|(?:drives?|drove) (?:lorries|trucks|buses|taxis|trains|ambulances|a (?:lorry|truck|bus|taxi|train|tram|van) for a living)|(?:sells?|makes?|builds?|repairs?|designs?) (?!me|us|him|her|it|them|you|sure|sense|the|that|this|my|a mess)[\w ]{3,30}?|teach(?:es)? (?!at|for|in|me|us|him|her|them|you)[\w ]{3,30}?)(?=[,.;!?]|$| (?:at|in|so|to|and|but|for)\b)"),
    rule("fact", "school", rf"(?:just )?(?:got into|was accepted (?:to|into|at)|got accepted (?:to|into|at)|starts at|is off to) (?P<object>(?:the )?(?-i:{WORD})(?: (?-i:{WORD}))*)"),
    rule("fact", "health", r"(?:has |have )?(?P<object>(?:broke|broken|sprained|fractured|injured|tore) (?:her|his|their|its|an?) \w+)"),
    rule("preference", "diet", rf"{ADV}(?:is|are|went|became) (?:now )?(?:an? )?(?P<object>vegetarian|vegan|pescatarian|teetotal|gluten[- ]free|lactose intolerant)\b"),
    rule("preference", "dislikes", rf"{ADV}(?:hates?|dislikes?|detests?|loathes?|can't stand|cannot stand|doesn't (?:really )?like|don't (?:really )?like|is afraid of|is scared of) {REST}", NOT_LIKED),
    rule("preference", "likes", rf"{ADV}(?:likes?|loves?|luvs?|enjoys?|adores?|prefers?|into|fond of|keen on|an? (?:big |huge )?fan of|(?:totally |completely )?obsessed with|(?:mad|crazy|nuts|passionate) (?:about|for|on)) {REST}", NOT_LIKED),
    rule("fact", "speaks", rf"{ADV}(?:speaks?|is learning|are learning|learns) {NAME}"),
    rule("fact", "school year", rf"{ADV}(?:(?:is|are) (?:now )?(?:in|starting)|started|starts|begins|began|went into|entered) (?:the )?(?P<object>(?:year|grade|form|class) \w+|\w+ (?:grade|year|form)){STAYS}"),
    rule("fact", "school", rf"{ADV}(?:goes|go|started|starts|is starting|is at|is in|are at)(?: at| to)? (?P<object>(?:an? |the )?(?:[\w'’-]+ )*?(?:school|kindergarten|nursery|preschool|university|uni|college|academy|daycare))\b"),
    rule("fact", "studies", rf"{ADV}(?:studies|studying|is studying|are studying) {REST}", "for|hard"),
    rule("fact", "plays", rf"{ADV}(?:plays|play) {REST}", r"(?:a (?:role|part)|games with|along)\b"),
    rule("fact", "drives", rf"{ADV}(?:drives|drive|rides|ride) (?P<object>(?:an?|the|his|her|their) [^,.;!?]{{2,40}}?)(?= (?:to|and|but|now|because)\b|[,.;!?]|$)"),
    rule("fact", "health", r"(?P<object>(?:can'?t|can’t|cannot) (?:walk|climb|see|hear|speak|remember|move)\b[^,.;!?]{0,30}?)(?= and | but | so |[,.;!?]|$)"),
    rule("fact", "habit", rf"(?P<object>(?:has|have|plays?|goes|go|works?|does|swims?|visits?|comes|trains?|runs?|sings?|takes?|cycles?|volunteers?|helps?) [^,.;!?]{{2,40}}? {OFTEN})"),
    rule("fact", "pet", rf"{ADV}(?:has|have|got|owns?) (?P<object>{COUNT} (?:\w+ ){{0,2}}(?:{'|'.join(PETS)})s?)\b"),
    rule("fact", "owns", rf"{ADV}(?:has|have|got|owns?|bought) (?P<object>an? (?:[\w-]+ ){{0,3}}(?:car|house|flat|apartment|cottage|farm|boat|bike|motorbike|van|shop|bakery|café|cafe|restaurant|company|business|horse|piano|caravan|cabin))\b(?! (?:lesson|exam|recital|race|teacher|class|concert|accident))"),
])  # fmt: skip

RELATION = f"(?P<relation>{'|'.join(PEOPLE)}|{'|'.join(PETS)})"
TITLE = "(?P<relation>aunt|auntie|uncle|cousin|grandma|grandpa|granny|gran|nan|grandad|granddad)"
FIRST = rf"(?-i:(?P<name>{WORD}))(?<!['’]s)"
# What stands between a relation and a verb without being a name in lower case.
NOT_WORD = (
    r"(?!(?:\w+ly|already|who|and|also|just|now|only|always|never|really|still|usually|often|sometimes|there|here|in|on|at|of|that|"
    r"food|bed|hair|toy|tree|house|video|photo|group|thing|walker|sitter|team|appointment|check-?up|visit|surgery|office|bill|name|one|too|has|is|currently|actually)\b)"
)
_PERSONS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:my|our) (?:[\w-]+ )?{RELATION}(?:{CALLED}|,)? {NAME},?(?= |['’]s )",
        rf"(?-i:(?=[^A-Z]+$))(?:my|our) (?:[\w-]+ )?{RELATION} {NOT_WORD}(?P<name>[a-z]{{2,}})(?= (?:is|has|lives|works|loves|likes|hates|keeps)\b)",
        rf"{NAME},? (?:my|our) (?:[\w-]+ )?{RELATION},?(?= )",
        rf"(?-i:(?=[A-Z])){TITLE} {NAME}(?= |['’]s )",
        rf"(?:my|our) (?:[\w-]+ )?{RELATION}(?= |, who|['’]s )",
        r"(?:my |our )?(?P<relation>mum|mom|dad|grandma|grandpa|granny|gran|grandad|granddad)(?= |['’]s )",
        rf"{FIRST}(?= |['’]s )",
    )
]
PERSONS = Sieve(_PERSONS, attrgetter("pattern"))
HE = re.compile(
    r"^(?:he|she|they|it)(?= |['’](?:s|re) )|^s?he(?=s )|^(?:his|her|its)(?= name)", re.IGNORECASE
)
# Of whom a sentence speaks, so that "she" in the next one is known, and who is told of in passing.
MENTIONED = re.compile(rf"\b(?:(?:my|our) (?:[\w-]+ ){{0,2}}?|(?:an?|the) (?:[\w-]+ ){{0,2}}?(?=(?:{'|'.join(PETS)})\b)){RELATION}\b(?:(?:{CALLED}|,| is)? {NAME})?", re.IGNORECASE)  # fmt: skip
RELATIVE = re.compile(rf"\b(?:my|our) (?:[\w-]+ )?(?:{'|'.join(PEOPLE + PETS)})(?: (?-i:{WORD}))?,? who(?:['’]s | )[^,.;:!?]+", re.IGNORECASE)  # fmt: skip
OTHER_NAME = re.compile(rf" (?:met|and|with|about|for|by|from|than|called) (?-i:{WORD})", re.IGNORECASE)  # fmt: skip
PARTS = re.compile(r",? (?:and|but|who|so)(?: now)?(?: |(?=['’]s ))|, ")
MANY = re.compile(
    rf"(?:(?:my|our) (?:\w+ )?|the )(?P<relation>{'|'.join(PEOPLE)}|{'|'.join(PETS)}|boy|girl|children)s?"
    rf"(?:['’]s?)?,? (?:names )?(?:are|is|in order:|\w+,)? ?(?:called |named )?"
    rf"(?P<names>(?-i:{WORD})(?: \(\d+\))?(?:(?:, (?:and )?| and )(?:little )?(?-i:{WORD})(?: \(\d+\))?)+)[.!]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody that a clause speaks of, by name or by what they are to the user, and the rest."""

    name: str
    relation: str
    rest: str

    @property
    def subject(self) -> str:
        """What triples about them have for a subject."""
        return self.name or same_relation(self.relation)[0]

    def introduced(self, value: str) -> Triple | None:
        """Return the triple that says who they are to the user, where the clause says it.

        Of whom the name is not said it says ``value``, so that a search for the relation finds it.
        """
        relation = "pet" if self.relation in PETS else self.relation
        return Triple(USER, relation, self.name or value) if relation else None


def last_mentioned(text: str) -> str:
    """Return whom alone a text speaks of: "my wife Ana", or nothing."""
    found = list(MENTIONED.finditer(text))
    if len(found) != 1 or OTHER_NAME.search(text, found[0].end()):
        return ""
    return f"my {found[0]['relation']} {found[0]['name'] or ''}".rstrip()


def nobody(_: str) -> bool:
    """Know nobody's name."""
    return False


def read(clause: str, span: Span, knows: Knows = nobody) -> list[Candidate]:
    """Return what a clause says of people, animals or things in the user's life.

    A statement about a bare name counts only where ``knows`` says that the user has spoken of them.
    """
    start = STARTS.match(clause)
    if start and start.lastgroup != "my":
        return []
    if many := MANY.match(clause):
        return [Candidate("fact", clause, span, tuple(_names(many)))]
    if not (who := whom(clause, knows)):
        return []
    said = list(_said(who, knows))
    triples = tuple(dict.fromkeys(triple for _, triple in said))
    if not said and who.name and (introduced := who.introduced("")):
        triples = (introduced,)
    return (
        [Candidate(said[0][0].kind if said else "fact", clause, span, triples)] if triples else []
    )


def whom(clause: str, knows: Knows) -> Who | None:
    """Return the person or animal that a clause begins with."""
    for pattern in PERSONS.among(clause):
        if not (match := pattern.match(clause)):
            continue
        groups = match.groupdict()
        name, relation = groups.get("name") or "", (groups.get("relation") or "").lower()
        if (
            name != "I"
            and (relation or knows(name))
            and not re.match(NOT_NAMES, name or "-", re.IGNORECASE)
        ):
            return Who(name, relation, clause[match.end() :])
    return None


def _said(who: Who, knows: Knows) -> Iterator[tuple[Rule, Triple]]:
    """Yield what is said of somebody, part by part, and of the others named on the way."""
    for said in PARTS.split(who.rest):
        part = HE.sub("", said)
        other = whom(part, knows)
        who = other or who
        rest = other.rest if other else part
        if (found := _match(rest.lstrip())) is None:
            continue
        rule_, triples = found
        for predicate, value in triples:
            if introduced := who.introduced(value):
                yield rule_, introduced
            yield rule_, Triple(who.subject, predicate, value)


def _match(rest: str) -> tuple[Rule, list[tuple[str, str]]] | None:
    rest = re.sub(r"^['’]s (?!birthday|home|new|phone|mobile|number|e-?mail|address)", "is ", rest)
    for rule_ in SAID.among(rest):
        if not (match := rule_.pattern.match(rest)):
            continue
        groups = match.groupdict()
        value = (groups.get("name") or groups.get("object") or "").strip(" '\"’.!")
        if value and not (rule_.refuses and rule_.refuses.match(value)):
            what = (groups.get("what") or "").lower()
            predicate = rule_.predicate.format(
                what="phone" if what in ("number", "mobile") else what
            )
            more = [("employer", groups["employer"].strip())] if groups.get("employer") else []
            return rule_, [(predicate, value), *more]
    return None


def _names(match: re.Match[str]) -> Iterator[Triple]:
    relation = match["relation"].lower()
    relation = "pet" if relation in PETS else {"children": "child"}.get(relation, relation)
    for name in re.findall(WORD, match["names"]):
        yield Triple(USER, relation, name.rstrip(".,"))
