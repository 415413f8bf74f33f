"""Cut sentences into clauses that stand on their own, in a form that patterns can read."""
# ruff: noqa: E501  (tables of words read best with one kind a line)

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from memcli.acquire.change_words import CORRECTS, OPENERS
from memcli.acquire.rule import COUNT, JOBS
from memcli.records import Span
from memcli.sieve import Folded, Sieve, stems_of, words_of

LEAD = Folded(
    r"(?:(?:(?:good )?(?:morning|evening|afternoon)(?: all| everyone| folks| there)?(?=[,!])|(?:for|at) (?:work|home|school|fun)(?=,? (?:i|we)\b)|as an? \w+(?=,? (?:i|we)\b)|[-*•–—·]+|\d{1,2}[.)]) +|(?:and|but|so|well|oh|hey|hi|hello|hiya|also|plus|btw|by the way|yes|yeah|yep|ok"
    r"|okay|fyi|actually|anyway|no(?=[,!.]| i\b)|nope|sorry|um+|uh+|er+m*|right|look|listen|honestly|tbh|ngl|to be fair|p\.?s\.?|(?:just )?a heads[- ]up(?: that)?|in case (?:it|you)[\w' ]{0,30},|basically|oops|wait|to be honest|in fact"
    r"|for the record|for (?:context|reference|info|what it's worth)|just so you (?:know|have it|are aware)|(?:please |kindly |just )*"
    r"(?:remember|note|be aware|keep in mind|bear in mind|don't forget|know)(?! to\b)(?: that)?|you should know(?: that)?|i should (?:mention|say|add)(?: that)?"
    r"|(?:as|like) (?:i (?:said|mentioned|told you)|you (?:may |might )?know)|unfortunately|sadly|luckily|thankfully|finally|recently|now|currently|today"
    r"|i(?:'d say| think| guess| suppose| believe)(?: that)?(?= \w+ (?:is|are) my fav)|i (?:mean(?=,| i\b| my\b| we\b)|forgot to (?:say|mention)|got that wrong)|scratch that|scrap that|turns out|fat fingers|no wait|my bad|(?:my|the) (?:doctor|gp) (?:says?|said|told me)(?: that)?|because|(?:ever )?since(?= (?:i|we|my|our)\b)|as(?= (?:i|we|my|our)\b)|that's (?:when|where|why)|both(?= (?:my|our)\b)"
    r"|(?:a |one |some |quick |little |small |fun |side |just )*(?:update|correction|context|background|note|ps|p\.s\.|reminder|about me"
    r"|edit|disclaimer|confession|fact|info|intro|introduction|heads[- ]up|thing|detail|news|question)s?(?: (?:first|about me|for you|to (?:know|remember|note)|for context))*:"
    r")[,!:.;]* +(?!(?:is|was|are)\b))+"
    r"|(?:at|in|on|for|after|outside|ever since|it turns out|turns out|during|over|from|by|with|apart from|besides|aside from|(?:the )?thing is|given that|seeing (?:as|that)|unlike|being|coming|having|despite|thanks to)\b(?! \w+days\b)[^.;:!?\d]{0,45}?,? (?=(?:i|we|i'm|i've|we're|we've)\b)"
    r"|(?:[\w']+ ){1,6}[\w']+: (?=(?:i|i'm|im|i've|my|we|our)\b)"
)
I_WORDS = r"(?:i|im|ive|i'm|i've|my|we|we're|we've|our)\b"
# What goes on with the "I" of the clause before, said outright or (in lists) in a word or two.
_SHARED = r"live|work|love|like|hate|have|am|play|teach|study|speak|enjoy|prefer|drive|own|moved|grew up|was born|run|volunteer|use|can'?t stand|don'?t|get up|ride|keep (?:bees|chickens|hens)|rent|collect|suffer from"
_CARRIED_ON = r"(?:raised|brought up|educated)(?= in| by| near)|studied|dropped out|became|retrained|graduated|retired(?= (?:from|in|at|last|after|early|two|three|\d)|[,.;]|$)|rehearse|ended up|(?:can'?t|cannot) (?:eat|have|drink|swim|drive)"
_STATE = r"(?:happily |recently |newly )*(?:married|divorced|widowed|single|retired|vegetarian|vegan|self-employed|unemployed|allergic to|living (?:in|with|near)|based in|originally from|training for|studying (?!for\b))(?=[ ,.]|$)"
_COUNTED = r"(?:two|three|four|five|\d|no) (?:[\w-]+ ){0,2}(?:kids|children|sons|daughters|boys|girls|cats|dogs|brothers|sisters|siblings|teenagers)(?=[,.]|$| and )"
CUT = Folded(
    rf"(?=[ ,;:.…)–—(-])(?:(?:[,;] ?|(?:,|,,+)? (?:and|but|so|n|plus|because|cos|cuz|since|as|while|although|though|&|yet|now that)(?: then| also| now| these days)? "
    rf"| [-–—]+ | ?— ?| ?\(|\)[,:]? |(?:\.\.+|…|:) )(?!(?:my|our) (?:[\w-]+ )?[\w-]+(?:,|[.!]?$))(?=(?:(?:also|now|because|since|as|but|and|so|plus|though|actually|anyway|these days) )?(?:{I_WORDS}|(?:everyone|everybody|people|friends|most people) calls? me|call me))"
    r"|,? (?:und|et|e|y|en|aber|mais|pero|mas|ma|maar|dus|donc) (?=(?:arbeite|wohne|lebe|habe|komme|spreche|spiele|hasse|liebe|mag|odio|adoro|detesto|odeio|toco|juego|jogo|suono|faccio|bin|ich|je|j'|travaille|habite|trabajo|vivo|tengo|soy|estoy|trabalho|moro|tenho|sou|lavoro|abito|ho|sono|werk|woon|heb|ben|ik|me|mi|gosto|não|non|no)\b)"
    r"|, (?=(?:ich (?:bin|habe|wohne|arbeite)|je suis|j'(?:ai|habite)|tengo|vivo|trabajo|soy|estoy|tenho|moro|trabalho|sou|ho \d|lavoro|abito|sono|ik (?:ben|heb|woon|werk))\b)"
    rf"|, (?=an? (?:[\w-]+ ){{0,3}}{JOBS}\b|{_STATE}|{_COUNTED})"
    rf"|(?:,? (?:and|but)(?: then| now| also)?|, then|,) (?=(?:{_CARRIED_ON})\b)"
    rf"|,? (?:and|but) (?=(?:{_SHARED}|{_STATE}|an? (?:[\w-]+ ){{0,2}}{JOBS})\b)|,,+ )"
)
# One of these words or marks stands wherever a sentence can be cut.
CONNECTING = frozenset(
    "and but so n plus because cos cuz since as while although though yet now und et e y en aber mais pero mas ma maar dus donc".split()
)
MARK = re.compile(r"[,;:&()–—…-]|\.\.")
SHARED = re.compile(rf"(?!raised|brought|educated|work as a team|(?:love|like|hate) (?:i|you|me|that|to|the|and|theme|everywhere|of|for)\b)(?:{_SHARED}|{_CARRIED_ON})\b", re.IGNORECASE)  # fmt: skip
# What stands before lists of which each item says something of the user, or is a task.
HEADED = re.compile(r"(?!(?:please |can you )?(?:give|make|write|create|show|draft|send|turn|what|suggest|generate|add|your|the|re\w+|fix|improve|translate)\b)(?:[\w' ]{0,30}\b)?(?:about (?:me|myself)|(?:me|myself) in (?:short|brief|a nutshell|\w+ words)|my (?:profile|bio|details)|(?P<tasks>to-?do(?:s|[ -]list)?|to do(?: list)?))(?: today| tomorrow| this week(?:end)?| for [\w ]{2,20})?: ?(?!(?:i|im|i'm|i've|my|we)\b)", re.IGNORECASE)  # fmt: skip
ITEMS = re.compile(r"[,;.]? (?:and )?\d{1,2}[.)] |[,;] (?:and )?")
TO_DO = "To do: "
# Words that begin a sentence whose "I" or "I'm" was left out.
_OFTEN = r"(?:(?:just|currently|also|still|recently|happily|severely|really|absolutely|finally|always|newly|mostly) )*"
_NO_VERB = r"(?!.*\b(?:is|are|was|can|will|would|helps?|takes?|makes?|means|really|sounds|seems)\b)"
LEFT_OUT = [
    (added, re.compile(rf"{_OFTEN}(?:{words})", re.IGNORECASE))
    for added, words in (
        (
            "I'm ",
            (
                rf"(?:allergic to|based (?:in|out)|living (?:in|with|at|near|alone)|married\b|engaged to|divorced|widowed|single (?:mum|mom|dad|parent|father|mother)|born and|vegan\b|vegetarian|veggie"
                rf"|pescatarian|planning (?:to|on)|training for|saving (?:up )?for|learning (?!that|this|about|from)|studying|(?:mother|father|mum|mom|dad|parent|grandmother|grandfather|granny|grandad) (?:of|to) \w+|expecting (?:our|a|twins|my|in)|originally from|working (?:at|as|for|nights|in|part|from)"
                rf"|diagnosed|retired|self-employed|recovering from|pregnant|left-handed|right-handed|colou?r-?blind|dyslexic|diabetic|asthmatic|coeliac|celiac|lactose intolerant|gluten[- ]free|trying to"
                rf"|looking for an?|hoping to|(?:seriously )?(?:thinking (?:\w+ )?(?:about|of)|considering) \w+ing|not (?:a (?:big |huge )?fan of|into|keen on|on (?-i:[A-Z]))|terrified of|scared of|afraid of|obsessed with|addicted to|moving (?:to|in|out|back|house)|flying to|off to|getting married|volunteering"
                rf"|an? (?:[\w-]+ ){{0,3}}{JOBS}\b){_NO_VERB}"
            ),
        ),
        (
            "I'm a ",
            rf"(?:[a-z][\w-]+ ){{0,2}}{JOBS}(?:,| at (?-i:[A-Z])| in (?-i:[A-Z])| from (?-i:[A-Z])| by (?:trade|day|profession)| here\b){_NO_VERB}",
        ),
        (
            "I've ",
            r"(?:been (?!there|busy|meaning|thinking|a while|wondering|trying|looking|great|fun|good)|lived (?:in|here)|worked (?:at|for|in|as)|never (?:been|liked|eaten|smoked|had|drunk|owned|learned)|got (?:an?|\d|two|three|kids|twins|asthma))",
        ),
        (
            "I ",
            (
                r"(?:moved (?:to|2|back|here)|bought (?:a|our|my)|sold (?:my|our)|joined|started (?:at|a new|work)|got (?:a|an|married|engaged|divorced)|adopted|can'?t (?:stand|eat|have|swim|drive|drink)|won'?t eat"
                r"|don'?t (?:like|liek|eat|drink|smoke|drive|own)|grew up|was born|turned \d\d|graduated|retired|used to (?:live|work|be|smoke|play|have)|lost (?:my|our)|had my|split up|broke up|quit (?:my|smoking)"
                r"|live (?:in|with|near|alone|on)\b(?! the (?:moment|edge))|work (?:at|as|for|from home|nights|part-time|shifts)|have (?:two|three|four|\d|asthma|diabetes|adhd|kids|an? (?:dog|cat|son|daughter|brother|sister|nut|peanut))"
                r"|(?:hate|love|luv)(?! (?:the|that|this|it|its|how|your|you|u|and|is|to see|what|their|his|her|seeing|everywhere|when|them|these)\b))\b"
            ),
        ),
    )
]
FILLERS = re.compile(
    r"[ue](?<!\w.)(?:(?<=u)[mh]+|(?<=e)r+m+)\b,? ?", re.IGNORECASE
)  # its first letter alone is looked for
FILLING = frozenset("um umm ummm uh uhh uhhh uhm umh er err errr erm errm ermm".split())
ENGLISH = re.compile(r"\b(?:i|im|my|the)\b", re.IGNORECASE)  # elsewhere "um" is a word
SAID_TWICE = re.compile(r"\b([a-z]+) (?=\1\b)", re.IGNORECASE)
STRAIGHT = str.maketrans("’‘ʼ`´", "'''''")
PICTURES = re.compile(r" ?[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f\u200d]+")
BULLETS = re.compile(r"(:?)[ \t]*\n[ \t]*(?:[-*•–]|\d{1,2}[.)])(?=[ \t])")
SPACES = re.compile(r"\s\s|[^\S ]")
TOGETHER = re.compile(
    r"(?:^|[,;:.!] )(?:(?:[Mm]y|[Oo]ur)(?: [a-zé-]+)?(?: [A-Z][\w-]+)?|[A-Z][\w-]+)$"
)  # "Noor and I"
APPOSED = re.compile(rf"(?:an? (?:[\w-]+ ){{0,3}}{JOBS}\b|{_STATE})", re.IGNORECASE)
LEADING = Sieve(LEFT_OUT, lambda row: row[1].pattern)
NOT_LEFT_OUT = {"i ", "i'", "im", "my", "we", "th", "wh"}
CARRIED_ON = [
    ("I was ", re.compile("raised|brought up|educated", re.IGNORECASE)),
    ("I ", SHARED),
    ("I'm ", APPOSED),
    ("I have ", re.compile(_COUNTED, re.IGNORECASE)),
]
LISTED = [
    ("I'm a ", re.compile(rf"(?:[\w/&-]+ ){{0,3}}{JOBS}(?:\.?$| at| for| in)", re.IGNORECASE)),
    ("I have ", re.compile(rf"{COUNT} (?!years)[a-z]", re.IGNORECASE)),
    ("I'm ", re.compile("")),
]
WE = re.compile(
    r"(?:(?:both|all|the two|the three) of us|me (?:and|n|&) my [\w-]+|my [\w-]+(?: (?-i:[A-Z])\w+)?,? and (?:i|me)|(?-i:[A-Z])\w+ and i)(?= (?!(?:have |just |recently |finally |are )*(?:aren['’]t|called it quits|parted|split|broke|separated|divorced|got (?:back|divorced|married|engaged)|engaged|married|dating|back|a couple|together|no longer|not together|called off|ended)\b))",
    re.IGNORECASE,
)
OF_MINE = re.compile(r"(?:[\w ]{3,20} )?(?:i|im|we|my name)\b", re.IGNORECASE)


class Clause(NamedTuple):
    """A part of a sentence that stands on its own.

    ``plain`` is what patterns read: as long as ``words``, with straight apostrophes, and in lower
    case where the user writes in capitals only. Both may begin with an "I" that was left out.
    """

    words: str  # with single spaces
    plain: str
    quote: str  # verbatim
    span: Span
    begins: bool = True  # its sentence

    def part(self, begin: int, end: int) -> Clause:
        """Return what stands from one character to another of a clause that leaves nothing out."""
        said = r"\s+".join(map(re.escape, self.words[begin:end].split()))
        found = re.search(said, self.quote)
        if not found:  # fillers stood in between
            return self
        span = Span(self.span.start + found.start(), self.span.start + found.end())
        return Clause(self.words[begin:end], self.plain[begin:end], found.group(), span)


def clauses(text: str, start: int) -> Iterator[Clause]:
    """Yield the clauses of a text that stands at ``start`` in its source, without empty ones."""
    words, at = _spaced(text)
    plain = _plain(words)
    headed = HEADED.match(plain) if ":" in plain else None
    found: Iterator[re.Match[str]] = iter(())
    if headed:
        found = ITEMS.finditer(plain, headed.end())
    elif MARK.search(plain) or not CONNECTING.isdisjoint(words_of(plain)):
        found = CUT.finditer(plain)
    cut = (match.span() for match in found if headed or not _belongs(plain, match))
    cuts = [headed.end() if headed else 0, *(edge for span in cut for edge in span), len(words)]
    before = ""
    for cut_begin, end in zip(cuts[::2], cuts[1::2], strict=True):
        begin = _after_lead(plain, cut_begin, end)
        if begin == end:
            continue
        together = WE.match(plain, begin, end)
        read = together.end() if together else begin
        added = "We" if together else _left_out(plain[begin:end], before, headed)
        before = added + plain[read:end]
        first, last = (at[begin], at[end - 1] + 1) if at else (begin, end)
        span = Span(start + first, start + last)
        yield Clause(added + words[read:end], before, text[first:last], span, begins=end == cuts[1])


def _after_lead(plain: str, begin: int, end: int) -> int:
    lead = LEAD.match(plain, begin, end)
    return lead.end() if lead and not CORRECTS.match(plain, begin) else begin


def _belongs(plain: str, cut: re.Match[str]) -> bool:
    """Say whether what stands before a cut is no clause: "Noor", or "I made a mistake"."""
    leads = (frame.match(plain) for frame in (CORRECTS, OPENERS))
    return any(lead and lead.end() >= cut.end() for lead in leads) or bool(
        TOGETHER.search(plain, 0, cut.start())
    )


def whole(text: str, start: int) -> Clause:
    """Return a text as one clause."""
    words, _ = _spaced(text)
    return Clause(words, _plain(words), text, Span(start, start + len(text)))


@lru_cache(maxsize=8)  # a sentence is read clause by clause, and then as a whole
def _spaced(text: str) -> tuple[str, Sequence[int]]:
    """Return a text with single spaces and no fillers, and where each character stood if any moved."""
    fills = not FILLING.isdisjoint(stems_of(text))
    filled = fills and FILLERS.search(text) and ENGLISH.search(text)
    spaced = text == " ".join(text.split()) or not SPACES.search(text)
    if spaced and not filled:
        return text, ()
    text = BULLETS.sub(_comma, text)
    kept = bytearray(b"\1") * len(text)
    for pattern in (FILLERS, SAID_TWICE) if filled else ():
        for match in pattern.finditer(text):
            kept[match.start() : match.end()] = bytes(match.end() - match.start())
    at: list[int] = []
    for i, char in enumerate(text):
        if kept[i] and not (char.isspace() and at and text[at[-1]].isspace()):
            at.append(i)
    return "".join(" " if text[i].isspace() else text[i] for i in at), at


def _comma(bullet: re.Match[str]) -> str:
    """Write the items of a list with commas, at the places of their bullets."""
    space = " " * (len(bullet.group()) - 1)
    return (":" if bullet[1] else ",") + space


@lru_cache(maxsize=8)
def _plain(words: str) -> str:
    lower = words.lower() if words.isupper() and " " in words else words
    plain = (lower if len(lower) == len(words) else words).translate(STRAIGHT)
    return plain if plain.isascii() else PICTURES.sub(lambda match: "," * len(match.group()), plain)


def _left_out(plain: str, before: str, headed: re.Match[str] | None) -> str:
    """Return the "I" or "I'm" that a clause leaves out, or what an item of a list does."""
    if headed and headed["tasks"]:
        return TO_DO
    leading = not before or headed
    if leading and plain[:2].lower() in NOT_LEFT_OUT and plain[:5].lower() != "think":
        return ""
    if not leading and not OF_MINE.match(before):
        return ""
    leads = LEADING.among(plain) if leading else []
    table = [*leads, *CARRIED_ON, *LISTED] if headed else leads if leading else CARRIED_ON
    return next((added for added, pattern in table if pattern.match(plain)), "")
