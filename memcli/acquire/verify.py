"""Prove what a model found: by the owner's own words, not by what it says of them.

What cannot be proved is not false, but it is for the owner to judge; so the checks are strict.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache

from memcli.acquire import select
from memcli.acquire.candidate import Candidate
from memcli.acquire.predicates import PEOPLE, PETS
from memcli.dates import find_dates
from memcli.records import USER, Span, Triple
from memcli.sentences import split_sentences
from memcli.text import UNSPACED_RANGES, one_line, words

FEWEST_WORDS = 2  # of a statement that can stand alone
EDGES = " .,;:!?…。！？'\"()[]*-"  # what a model drops or adds around a quote
_SHAPES = {"'": "’‘ʼ`´′", '"': "“”„«»″", "-": "–—−‐‑"}
ALIKE = str.maketrans({char: to for to, chars in _SHAPES.items() for char in chars})
MARKS = "\u0300-\u036f"  # accents, where they stand apart from their letters
BESIDE = f"[^\\W{UNSPACED_RANGES}]|[{MARKS}]"  # what a word goes on with

ME = re.compile(  # "us" and "eu" would be found in US and EU
    r"\b(?:i|me|my|mine|myself|we|our|ours|ich|mich|mir|mein\w*|wir|je|moi|mon|mes|nous|notre|nos"
    r"|yo|mi|mis|nosotros|nuestr\w+|meus?|minhas?|noss[ao]s?|io|mio|j(?='))\b|[我俺僕私]",
    re.IGNORECASE,
)
PRONOUNS = {*"i me my he she they we you it him her them us this that who".split()}
# What stands between somebody and a value that is somebody else's.
ANOTHER = {*PEOPLE, *"he she they him her his hers them their whose who that which where".split()}
DENIES = re.compile(
    r"\b(?:not|never|nobody|none|neither|nor|without|stopped|quit|any ?more|no(?= \w)|nicht|kein\w*"
    r"|pas|jamais|nunca|jamas|nao)\b|n't\b|\b(?:do|does|did|ca|is|wo)nt\b",
    re.IGNORECASE,
)
INSTRUCTS = re.compile(
    r"\bthe (?:user|human)\b|\b(?:your|these|following) (?:memory|instructions?|rules)\b"
    r"|\byou (?:must|are now|shall|have to)\b"
    r"|^(?:please )?(?:store|save|record|memori[sz]e|add|write|insert|update|output|respond|reply"
    r"|answer|act|forget|delete|keep in mind|do not|don't|always|never)\b",
    re.IGNORECASE,
)
SUPPOSES = re.compile(
    r"\b(?:maybe|perhaps|probably|might|could|would|should|if|i'd|used to|almost|nearly)\b",
    re.IGNORECASE,
)
EMPTY = {  # words that are no value
    *"i me my a an the of to in on at for with from by and or but so is am are was were be been do"
    " did have had has get got that this these those it its not no yes you your we us our s m ll ve"
    " re here there now then one some any".split()
}
DATED = ("event", "task")  # may do without a triple, if they tell a day
ANY_DAY = datetime(2000, 1, 1, tzinfo=timezone.utc)
# What words must hold that state what memcli knows: a wrong home would end a true one.
CUES = {
    "name": "name|call", "birthday": "birth|born", "age": r"\d|\bage|old|turn", "email": "@",
    "home": r"\blive\b|lives|living|mov(?:e|ing)|\bhome|\bbased|relocat|settle|resid",
    "origin": r"\bfrom\b|born|raised|gr[eo]w|hometown", "address": r"\d", "phone": r"\d",
    "employer": r"\bwork|\bjob|join|hire|employ|start",
    "job": r"\bworks? as|working as|\bjob|profession|occupation|'m an?\b|am an?\b",
    "diet": r"\bveg|pescat|diet|\beat|gluten|lactose|halal|kosher", "pet": "|".join(PETS),
    "allergy": "allerg|intoleran", "speaks": "speak|language|learn|fluent",
    "likes": r"\blike|love|enjoy|\bfan\b|prefer|adore|\binto\b|\bfond|\bkeen",
    "dislikes": r"hate|dislike|n't|\bnot\b|detest|loathe", "favourite": "favou?rite|best|prefer",
} | {person: "\\b" + person.replace("é", "e") for person in PEOPLE}  # fmt: skip


def verify(candidate: Candidate, source: str, context: str = "") -> str:
    """Return why a candidate is not proved by its source, in the owner's terms; "" if it is.

    ``context`` is what the owner said around it: a pronoun may stand for somebody named there.
    """
    if not candidate.quote.strip():
        return "it quotes nothing"
    if not (placed := place(candidate, source)):
        return "its quote does not stand in what you wrote"
    if len(words(placed.quote)) < FEWEST_WORDS:
        return "its quote is too short to stand alone"
    if kind := _no_statement(source, placed.span):
        return f"its quote is no statement of yours: {kind}"
    said = " ".join(s.text for s in split_sentences(source) if _overlap(s.span, placed.span))
    if not placed.triples and not (placed.kind in DATED and find_dates(placed.quote, ANY_DAY)):
        return "it names no subject, predicate and object"
    triples = placed.triples or (Triple(USER, "", ""),)
    reasons = (_of_triple(t, placed.quote, said, f"{source} {context}") for t in triples)
    return next(filter(None, reasons), "")


def place(candidate: Candidate, source: str) -> Candidate | None:
    """Return a candidate with its quote as it stands in the source, or None if it does not.

    A quote too short to stand alone, or that lacks but punctuation, becomes its whole sentence.
    """
    if not (span := locate(candidate.quote, source)):
        return None
    if sentences := [s.span for s in split_sentences(source) if _overlap(s.span, span)]:
        whole = Span(sentences[0].start, sentences[-1].end)
        rest = source[whole.start : span.start] + source[span.end : whole.end]
        if not words(rest) or len(words(source[span.start : span.end])) <= FEWEST_WORDS:
            span = whole
    return replace(candidate, quote=source[span.start : span.end], span=span)


def locate(quote: str, text: str) -> Span | None:
    """Return the first place where a text has these whole words.

    Case, white space, the shape of quotation marks, Unicode's spellings of the same letter, and
    punctuation around the quote make no difference.
    """
    wanted = _fold(quote)[0].strip(EDGES)
    folded, places = _fold(text)
    match = _whole(wanted).search(folded) if wanted else None
    return Span(places[match.start()], places[match.end() - 1] + 1) if match else None


def _no_statement(source: str, quote: Span) -> str:
    """Name what the sentences of a quote are, if not plain statements of the owner's."""
    judged = [pair for pair in select.sentences(source) if _overlap(pair[0].span, quote)]
    own = {
        place for sentence, _ in judged for place in range(sentence.span.start, sentence.span.end)
    }
    if any(source[place].isalnum() and place not in own for place in range(quote.start, quote.end)):
        return "pasted text"
    for sentence, reason in judged:
        text = _plain(sentence.text)
        before = _plain(source[sentence.span.start : quote.start])
        if reason or sentence.begins_as_question:
            return reason or select.QUESTION
        if INSTRUCTS.search(text):
            return "an instruction"
        if SUPPOSES.search(text):
            return "a supposition"
        if text.startswith("'") or before.count('"') % 2:
            return select.REPORTED
    return ""


def _of_triple(triple: Triple, quote: str, said: str, known: str) -> str:
    subject, predicate = triple.subject, triple.predicate
    ends = predicate.startswith(("not ", "former "))
    if subject != USER and (subject.casefold() in PRONOUNS or not locate(subject, known)):
        return f"nobody called “{subject}” is named there"
    if predicate and (not locate(triple.object, quote) or {*words(triple.object)} <= EMPTY):
        return f"the words do not say “{triple.object}”"
    if not _links(triple, _plain(said)):
        whose = "your" if subject == USER else f"{subject}'s"
        return f"the words do not say that it is {whose} {predicate}".rstrip()
    clause = rf"(.*?){re.escape(_plain(triple.object))}([^,;]*)"  # what follows it may correct it
    around = re.match(clause, _plain(said), re.IGNORECASE)
    denied = any(DENIES.search(part) for part in (around.groups() if around else (said,)))
    if predicate != "dislikes" and denied != ends:
        return "nothing in the words ends" if ends else "the words deny something"
    return ""


def _links(triple: Triple, said: str) -> bool:
    """Say whether words speak of a subject and then, before anybody else, of its object."""
    value, name = re.escape(_plain(triple.object)), re.escape(_plain(triple.subject))
    who = ME.pattern if triple.subject == USER else rf"\b{name}\b|\b(?:he|she|they|his|her|their)\b"
    known = triple.predicate.removeprefix("not ").removeprefix("former ")
    cue = CUES.get("favourite" if known.startswith("favourite ") else known, "")
    if not value or re.search(who, _plain(triple.object), re.IGNORECASE):
        return bool(re.search(who, said, re.IGNORECASE) and re.search(cue, _plain(triple.object)))
    link = re.compile(
        rf"(?=(?:{who})((?:[ '][\w'-]+|[{UNSPACED_RANGES}]){{0,8}}?)[ ,]*({value}))", re.IGNORECASE
    )
    return any(
        re.search(cue, " ".join(match.groups()), re.IGNORECASE)
        and not any(w in ANOTHER - {known} or w[0].isupper() for w in match[1].split() if w != "I")
        for match in link.finditer(said)
    )


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _whole(phrase: str) -> re.Pattern[str]:
    before = f"(?<!{BESIDE})" if re.match(BESIDE, phrase[0]) else ""
    after = f"(?!{BESIDE})" if re.match(BESIDE, phrase[-1]) else ""
    return re.compile(before + re.escape(phrase) + after)


def _plain(text: str) -> str:
    """Return a text on one line, without accents, and with plain quotation marks."""
    letters = unicodedata.normalize("NFKD", text.translate(ALIKE))
    return one_line(re.sub(f"[{MARKS}]", "", letters))


def _fold(text: str) -> tuple[str, list[int]]:
    """Return a text as it is compared, and of each of its letters the place in the text."""
    letters: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        for letter in _folded(char):
            if letter != " " or letters[-1:] != [" "]:
                letters.append(letter)
                places.append(at)
    return "".join(letters), places


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char.isspace():
        return " "
    if unicodedata.category(char) == "Cf":  # a soft hyphen, a joiner, a mark of direction
        return ""
    return unicodedata.normalize("NFKD", char.translate(ALIKE).casefold()).translate(ALIKE)
