"""Read a question: its content words, the dates it names, the relations it asks about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from memcli.acquire.predicates import asked_about
from memcli.dates import When, find_dates, latest_before

Intent = Literal["fact", "time", "list", "preference", "yes/no", "summary"]

LONGEST_QUERY = 4_000  # characters; a longer query is a pasted text, whose beginning must do
MOST_WORDS = 48

# Words that say how something is asked, not what about. They match everything and nothing.
STOP = frozenset(
    """a about after again all also am an and any are aren't as at be because been before being both
    but by came can can't come could couldn't did didn't do does doesn't doing don don't each else
    ever few for from further get gets getting go goes going got had hadn't has hasn't have haven't
    having he he'd he'll he's her here hers him his how i i'd i'll i'm i've if in into is isn't it
    it's its itself just know let let's like ll m made make many may me might more most much must my
    myself no nor not of off on once one only or other our ours out over own please re s same say
    says she she'd she'll she's should shouldn't so some such t tell than that that's the their
    theirs them themselves then there there's these they they'd they'll they're they've thing things
    this those through to too under until up us use ve very want was wasn't we we'd we'll we're
    we've were weren't what what's when when's where where's which while who who's whom whose why
    will with won't would wouldn't yes yet you you'd you'll you're you've your yours yourself
    called call name named remember recall remind memory memories mention mentioned talk talked told
    said kind type sort"""
    .split()
)  # fmt: skip
PAST = re.compile(
    r"\b(?:before|previous(?:ly)?|former(?:ly)?|used to|earlier|in the past|originally|old)\b",
    re.IGNORECASE,
)
FUTURE = re.compile(
    r"\b(?:will|going to|upcoming|am i|are we|do (?:i|we) have)\b|['’]ll\b", re.IGNORECASE
)
# Words of a question for all that is in a stretch of time, and nothing more of it.
AGENDA = frozenset(
    """agenda anything appointment appointments calendar coming deadline deadlines due event events
    happen happened happening happens meeting meetings nothing plan planned plans schedule scheduled
    something task tasks todo todos""".split()
)
AGENDA_ASKED = re.compile(
    r"\W*(?:what|which|anything|(?:do|have) (?:i|we)|am i|are (?:we|there)|is there|show|list)\b",
    re.IGNORECASE,
)
DONE = re.compile(r"\b(?:did|was|were|had|happened)\b", re.IGNORECASE)
POLITE = re.compile(  # "Could you tell me when …" asks when
    r"^\W*(?:(?:please|(?:can|could|would|will|do) you(?: still)?) )*"
    r"(?:tell me|remind me|remember|recall|know)\b(?! (?:if|whether)\b)",
    re.IGNORECASE,
)
LOOKS_BACK = re.compile(  # at what was said or advised, and so asks for no new advice
    r"\bremind me\b|\b(?:our|the) (?:previous|last|earlier|past) (?:chat|conversation|discussion)"
    r"|\b(?:did|does|have|has|had) (?:\w+ ){0,3}(?:suggest|recommend|advis|giv|shar|receiv)\w*"
    r"|\b(?:you|i) (?:once )?(?:said|told|mentioned|brought up)\b",
    re.IGNORECASE,
)
AUX = (
    "(?:did|do|does|is|are|am|was|were|have|has|had|can|could|will|would|should|might|must)"
    "(?:n['’]t)?"
)
PLURAL = (
    r"(?!(?:does|has|was|his|its|this|news|happens|makes|causes|helps)\b)(?-i:[a-z])\w+(?<![siu])s"
    r"|people|children"
)
ASKS: dict[Intent, str] = {  # the first that fits counts
    "time": r"^\W*(?:when(?! (?:(?:i|we)\b|\w+ing\b)[^?]*,)|since when|how long"
    r"|(?:in |on |at )?(?:what|which) (?:year|month|date|day|time))\b",
    "summary": r"\bsummar(?:y|i[sz]e)|\b(?:overview|recap|sum up|what do you know (?:about|of))\b",
    "preference": r"\b(?:can|could|would|will) you\b(?! (?:please )?(?:list|name|tell|know)\b)"
    r"|\bhow (?:can|should|do|would|could) i\b|\bshould i\b"
    r"|\bi(?:['’]m| am) (?:plann|look|work|try|think|updat|apply|creat|build)ing\b"
    r"|\bsuggest(?!ed)|\brecommend(?!ed)|\badvi[sc]e\b|\btips?\b"
    r"|\bwhat (?:are|is) (?:some|(?:the|a) (?:best|good|different|common|typical|right))\b"
    r"|\b(?:what|which)\b.{1,60}\b(?:do|would) i (?:\w+ )?(?:like|love|prefer|enjoy|hate)\b"
    r"|\bmy favou?rite",
    "list": r"\bhow many\b|^\W*(?:(?:can|could|would) you )?(?:please )?(?:list|name|enumerate)\b"
    r"|\b(?:list of|the order in which|all (?:the|my|our)|which of|what (?:are|were) (?:the|my))\b"
    rf"|(?:^\W*|, )(?:what|which) (?:(?!{AUX}\b|to\b|in\b)\w+ ){{0,3}}(?:{PLURAL})\b",
    "yes/no": rf"^\W*{AUX}\b|\bright\?\W*$",
}
INTENTS = {intent: re.compile(asks, re.IGNORECASE) for intent, asks in ASKS.items()}
QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "「": "」", "『": "』"}
PHRASE = re.compile(
    "|".join(rf"{a}([^{a}{b}\n]*)[{b}]" for a, b in QUOTES.items())
    + r"|(?<!\w)['‘]((?:[^'‘’\n]|(?<=\w)['’](?=\w))*)['’](?!\w)"
)
SMALL_TALK = re.compile(
    r"(?:\W*\b(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|night)|thanks?(?: you)?"
    r"(?: (?:so|very) much| a lot| again)?|ok(?:ay)?|great|cool|nice|perfect|wow|lol|good ?bye|bye"
    r"|see you(?: (?:later|soon|tomorrow))?|how are you(?: (?:doing|today))?)\b)+\W*",
    re.IGNORECASE,
)
SUM = re.compile(  # spaces around what may belong to a date or a number, as in 24/7 and 555-0134
    r"\W*(?:what(?: i|['’])s |how much is |calculate |compute )?[(-]*\d[\d.,]*%?(?:\)?"
    r"(?: ?[+*×÷^] ?| [-−–/x] | (?:plus|minus|times|divided by|of) )[(-]*\d[\d.,]*)+\)*[ =?.!]*",
    re.IGNORECASE,
)
REWORDS = re.compile(
    r"^\W*(?:please |(?:can|could|would|will) you )*(?:translate|re-?write|rephrase"
    r"|paraphrase|proofread|summari[sz]e|shorten)\b(?![^:]*\b(?:my|our|i|we|us|usual|last)\b)"
    r"[^:\n]{0,60}:\s+\S",
    re.IGNORECASE,
)
WORD = re.compile(r"[\w][\w'’]*")


@dataclass(frozen=True, slots=True)
class Query:
    """A question, taken apart. ``words`` are its content words, each once, in order."""

    text: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    dates: tuple[When, ...]
    predicates: tuple[str, ...]
    past: bool = False  # asks for what held before
    intent: Intent = "fact"
    phrases: tuple[str, ...] = ()  # quoted ones
    needs_memory: bool = True
    speakers: frozenset[str] = frozenset()  # those of the names, in lower case, who speak in a chat
    content: bool = True  # False: there are only words such as "the" and "what" to go by
    agenda: bool = False  # asks for what there is in a stretch of time, whatever it is

    @property
    def asks_when(self) -> bool:
        """Whether the answer is a time."""
        return self.intent == "time"


def plan(text: str, asked_at: datetime) -> Query:
    """Take a question apart; ``asked_at`` is when it was asked, in the asker's time zone."""
    text = unicodedata.normalize("NFC", text[:LONGEST_QUERY])
    words = dict.fromkeys(match.group() for match in WORD.finditer(text))
    content = [word for word in words if word.lower().replace("’", "'") not in STOP]
    # Of a question made of nothing but such words, the words are all there is to go by.
    chosen = content or [word for word in words if len(word) > 1]
    agenda = _asks_for_agenda(text, asked_at)
    return Query(
        text=text,
        words=tuple(chosen[:MOST_WORDS]),
        names=tuple(dict.fromkeys(_name(word) for word in words if word[0].isupper())),
        dates=tuple(_dates(text, asked_at, ahead=agenda)),
        predicates=tuple(asked_about(text)),
        past=bool(PAST.search(text)),
        intent=_intent(text),
        phrases=tuple(dict.fromkeys(_phrases(text))),
        needs_memory=needs_memory(text),
        content=bool(content),
        agenda=agenda,
    )


def needs_memory(text: str) -> bool:
    """Say whether answering may need what is remembered; in doubt it does.

    The first question of the Self-Controlled Memory framework (Wang et al. 2023).
    """
    alone = SMALL_TALK.fullmatch(text) or SUM.fullmatch(text)
    return not (alone or REWORDS.match(text))


def with_speakers(query: Query, speakers: Collection[str]) -> Query:
    """Take the names of speakers out of the words: they tell who spoke, not what of."""
    words = tuple(word for word in query.words if _name(word).lower() not in speakers)
    return replace(query, words=words or query.words, speakers=frozenset(speakers))


def _asks_for_agenda(text: str, asked_at: datetime) -> bool:
    """Say whether a question names days, and besides only that something is or was on."""
    if not AGENDA_ASKED.match(text):
        return False
    dates = find_dates(text, asked_at)
    for when in reversed(dates):
        text = text[: when.span.start] + text[when.span.end :]
    words = (match.group().lower().replace("’", "'") for match in WORD.finditer(text))
    return bool(dates) and all(word in STOP or word in AGENDA for word in words)


def _dates(text: str, asked_at: datetime, *, ahead: bool) -> list[When]:
    dates = find_dates(text, asked_at)
    if FUTURE.search(text) or (ahead and not DONE.search(text)):
        return dates
    return [latest_before(when, asked_at) for when in dates]


def _intent(text: str) -> Intent:
    looks_back = bool(LOOKS_BACK.search(text))
    text = POLITE.sub("", text)
    for intent, asks in INTENTS.items():
        if asks.search(text) and not (intent == "preference" and looks_back):
            return intent
    return "fact"


def _phrases(text: str) -> list[str]:
    found = (match[match.lastindex or 0].strip() for match in PHRASE.finditer(text))
    longest = min(80, len(text.strip()) - 4)  # a question that is quoted whole quotes nothing
    return [phrase for phrase in found if 1 < len(phrase) <= longest and WORD.search(phrase)]


def _name(word: str) -> str:
    return re.sub(r"['’]s$", "", word)
