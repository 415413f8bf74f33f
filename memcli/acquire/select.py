"""The write gate: names why a text, or a sentence of it, holds nothing worth keeping.

It knows nothing of what a memory is. It finds the words that are not the user's own, not meant, or
not said of the world: instructions, pasted text, code, fiction, suppositions, sarcasm, questions.
"""
# ruff: noqa: E501  (tables of patterns read best with one kind a line)

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple

from memcli.sentences import Sentence, split_sentences
from memcli.sieve import Sieve, words_of

FIRST_PERSON = frozenset(
    "i im ive my mine me myself we our ours us ich mich mir mein meine meinem meinen meiner wir uns unser unsere je j mon"
    " mes nous nos notre yo mi mis soy vivo tengo estoy nuestro nuestra eu meu meus minha moro tenho sou nosso nossa io mio"
    " mia miei sono abito ik mijn wij onze".split()
)
UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")  # in which "I" is rarely said
LONGEST_SENTENCE = 400  # characters; what is longer is prose or pasted, not a statement
# Reasons against a sentence of which a part may still be kept.
QUESTION, REPORTED, SARCASM, REQUEST = "question", "another's words", "sarcasm", "request"
FICTION, PASTED_TEXT, SUPPOSITION = "fiction or a role", "pasted text", "supposition"

PASTED = re.compile(
    r"(?:```|~~~)(?:(?!```|~~~)[\s\S])*(?:```|~~~|\Z)"
    r"|^[ \t]*(?:>|//|/\*|#(?:include|define|!)|[$%] |\w+@\w+[:~]|</?[a-z!]).*$"
    r"|^[^a-z\n]{0,24}(?:\(\w{1,20}\) )?(?:assistant|ai|bot|chatgpt|claude|human|user)[ \t]?\*{0,2}:.*$"
    r"|^[ \t]*(?:git|sudo|pip3?|npm|curl|docker|apt|brew|kubectl|echo|cd|ls) (?:-|\w+ (?:-|\w+$)|\S*[/.\"]).*$"
    r"|^[ \t]*(?:select|insert into|update|delete from|create table) (?=.*\b(?:from|values|set|where)\b|.*[(;]).*$"
    r"|^[ \t]*(?:import [\w.]+|from [\w.]+ import\b.*|(?:def|class|function) \w+ ?[(:{].*|return\b.*;|print\(.*"
    r"|(?:let|var|const|int|float|str|string|char|bool|auto|final|public|private|static) [\w<>\[\] ]+ ?=.*)$"
    r"|^.*(?:[;{}]|=>|\\n|</\w+>)[ \t]*(?://.*)?$|^[ \t]*[\w.\[\]\"']+ ?(?:[+-]?=|==|:=) ?\S.*[\"'\])\d]$|^.*(?:&&|\|\||!=|==|\w\(\)).*$"
    r"|^\W{0,2}\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*$|^\W?\d\d?:\d\d(?::\d\d)?\W{1,3}\w+: .*$"
    r"|^\W{0,2}(?:traceback|debug|info|warn(?:ing)?|error|fatal|exception)\b ?(?:[\]:|-]|\().*$|^ +File \".*$"
    r"|^(?:from|to|subject|sent|date|cc): .*\n(?:from|to|subject|sent|date|cc): [\s\S]*"
    r"|^(?:on .{5,60} wrote:|-{3,} ?(?:original|forwarded) message|begin forwarded message)[\s\S]*"
    r"|^q\d?[:.)] .*\n{1,2}a\d?[:.)] .*$|^[A-Z]\w{1,15}: (?=.*\b(?:i|i'm|my|me)\b).*\n{1,3}[A-Z]\w{1,15}: [\s\S]*",
    re.IGNORECASE | re.MULTILINE,
)


class Reason(NamedTuple):
    """Why something is not to be kept, and where it says so."""

    name: str
    pattern: re.Pattern[str]


def _reasons(*rows: tuple[str, str]) -> Sieve[Reason]:
    reasons = [Reason(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in rows]
    return Sieve(reasons, lambda reason: reason.pattern.pattern, searched=True)


CONTROL = re.compile(r"<\|\w")  # begins the marks of chat templates
# fmt: off
INSTRUCTION = _reasons(
    ("instruction", r"(?m:^)\W{0,9}(?:system|developer)(?: prompt| message| note)?\W{0,3}:"),
    ("instruction", r"<</?sys>>"),
    ("instruction", r"\[/?(?:memory|inst|system|context)\]"),
    ("instruction", r"###? ?(?:system|instructions?)\b"),
    ("instruction", r"\b(?:ignore|disregard|forget|override) (?:(?:all|any|of|the|your|my|every) ){0,4}(?:previous|prior|above|earlier|preceding|existing|safety)\b"),
    ("instruction", r"\bas an ai\b"),
    ("instruction", r"\byou are (?:a helpful|an ai|chatgpt|now)\b"),
    ("instruction", r"\bdo anything now\b"),
    ("instruction", r"\b(?:the |this )?user(?:'s (?:\w+ ){1,3}(?:is|are)|\.\w+ ?=| (?:is|has|prefers?|likes?|loves?|hates?|wants?|lives?|works?|owns?|said|says|named)) "),
    ("instruction", r"\bterms (?:and conditions|of (?:service|use))\b"),
    ("instruction", r"\bprivacy policy\b"),
    ("instruction", r"\bunsubscribe\b"),
    ("instruction", r"\ball rights reserved\b"),
    ("instruction", r"\bcookies help\b"),
)
# From a sentence like these to the end of the text, nothing is said of the world.
ONWARD = _reasons(
    (FICTION, r"^(?:(?:ok|okay|now|so|please|hey|let's|lets|let us|can we|i want you to|you)[, ]+)*(?:pretend|role-?play|act (?:as|like)|play the (?:role|part)|imagine\b|picture this|suppose|assume|assuming|say (?:that )?(?:i|my|we)\b|say (?:that )?(?:i'm|we're)|what if|hypothetically|in a hypothetical)\b"),
    (FICTION, r"^you(?:'re| are) (?:my|an?) (?!star|legend|life|genius|god|great|helpful)"),
    (FICTION, r"\b(?:let's|lets) (?:say|pretend|imagine|assume|suppose)\b"),
    (FICTION, r"\b(?:let's|lets|let us) play[:,.]"),
    (FICTION, r"\byou(?:'re| are) (?:my|an?|the) [\w ]{2,30},? (?:and )?i(?:'m| am)\b"),
    (FICTION, r"\b(?:point of view|perspective|pov|viewpoint|voice) of\b|'s (?:point of view|perspective|pov|viewpoint|voice)\b"),
    (FICTION, r"\bonce upon a time\b"),
    (FICTION, r"^in (?:the|this) (?:book|film|movie|play|show|series|tale|song|game)\b"),
    (FICTION, r"^chapter (?:\d+|one|i)\b"),
    (FICTION, r"^\*[^*\n]{2,80}\*"),
    (FICTION, r"^\(?(?:ic|ooc)\b:?"),
    (FICTION, r"\b(?:write|compose|tell|draft|create|make up|continue|finish|invent|start|begin|opening|line of) (?:\S+ ){0,6}?(?:story|poem|scene|novel|dialogue|script|monologue|lyrics|song|haiku|limerick|sonnet|screenplay|fan ?fic\w*|fairy ?tale|diary|chapter|tale|ballad|rap|backstory|roleplay)\b"),
    (FICTION, r"\b(?:my|the|our|your|a|main) (?:character|protagonist|narrator|persona|villain|heroine|avatar|alter ego)\b"),
    (FICTION, r"\b(?:in|for) (?:my|the|this|our|a) (?:\S+ )?(?:novel|story|game|rpg|campaign|dream|screenplay|short story|fanfic)\b"),
    (FICTION, r"\bmy (?:\S+ ){0,2}(?:wizard|elf|paladin|rogue|druid|orc|dwarf|sorcerer|sorceress|warlock|vampire|cleric|mage|necromancer|npc)\b"),
    (FICTION, r"\bin character\b"),
    (FICTION, r"\bi am (?:batman|iron man|groot|the king|god|a dragon)\b"),
    (FICTION, r"\bthe king of\b"),
    (PASTED_TEXT, r"^(?:(?:please|now|can you|could you|would you|help me|hey|hi)[, ]+)*(?:translate|proof-?read|paraphrase|rephrase|rewrite|reword|summari[sz]e|shorten|fix|phrase|edit|improve|polish|analy[sz]e|review|transcribe|critique|correct|check|grade|simplify|make)\b(?<!\bedit(?=:)) ?(?=[^:]*:|.*\b(?:this|these|following|below)\b.*(?:[.:]$|\n))"),
    (PASTED_TEXT, r"\b(?:here(?:'s| is| are)|this is|see|read|got|received|from) (?:\S+ ){0,3}?(?:e-?mail|mail|message|letter|article|text|transcript|quote|lyrics|review|excerpt|passage|paragraph|post|tweet|essay|bio|abstract|example|draft|story|sentence|ad|blurb)\b[^:\"]*:(?!\s*[\"'“‘])"),
    (REPORTED, r"^(?:repeat after me|(?:an? |the |my )?(?:example|sample|sentence|caption|headline|title|lyrics|motto|slogan|quote|line)s?(?: sentence)?: ?)"),
)
ONCE = _reasons(
    (SARCASM, r"(?<!\w)/s$|🙄"),
    (SARCASM, r"\byeah,? right\b"),
    (SARCASM, r"\blucky me\b"),
    (SARCASM, r"\bsaid no ?(?:one|body) ever\b"),
    (SARCASM, r"\bjust (?-i:LOVE|ADORE)\b"),
    (SARCASM, r"^(?:oh|ah|wow|yay|gee|well)?[,!. ]*(?:great|fantastic|brilliant|wonderful|lovely|perfect|fabulous|terrific|awesome|yippee|yay|joy)[,!.]+ (?:i|just|another|because|so|now|my)\b.*\b(?:love|adore|enjoy|another|again|just what|favou?rite)\b"),
    (SARCASM, r"\boh,? (?:great|joy|sure|yes|yeah|wonderful|fantastic|perfect|lovely|brilliant|goody)\b"),
    (SARCASM, r"\bwho doesn'?t (?:love|like|enjoy|want)\b"),
    (SARCASM, r"\bjust what i (?:always |'ve always )?(?:wanted|needed)\b"),
    (SARCASM, r"\bliving the dream\b"),
    (SARCASM, r"\bas if\b"),
    (SARCASM, r"\b(?:sure|yeah|yes|right|ha), because\b"),
    (SARCASM, r"\bbecause (?:clearly|obviously|of course)\b"),
    (SARCASM, r"\b(?:apparently|supposedly|allegedly|totally not|clearly)\b"),
    (SARCASM, r"\bhow (?:lovely|wonderful|original|fun|exciting)\b"),
    (SARCASM, r"\bthe best luck\b"),
    (SUPPOSITION, r"^(?:(?:and|but|so|well|even|only|or|oh|hey)[, ]+)*(?:if|unless|whether|were i|had i|should i|in case(?! it\b| you\b))\b"),
    (SUPPOSITION, r"\b(?:wish|imagine|suppose|pretend|hypothetical(?:ly)?|as though|dream(?:ed|t)|in (?:my|a) dream|fictional|joking|kidding|jk|not really|let's say|in another life|character|theoretically|what if|if only)\b"),
    (REPORTED, r"^(?:[\"“«„]|['‘](?!m\b|ve\b|cause\b|tis\b))"),
    (REPORTED, r"\b(?:says|say(?<!i.d say)(?<!would say)|(?<!\bas i )(?<!\blike i )(?<!\bwhat i )said(?! [\w' -]{2,30} but (?:i|it)\b)|saying|(?<!\bas i )(?<!\bwhat i )told(?! you wrong)|tells|asked me|asks|wrote|writes|writing that|quot(?:e|es|ed|ing)|claim(?:s|ed)?|according to|shout(?:s|ed|ing)|whisper(?:s|ed)|texted|replied|insists?|insisted|thinks (?:that )?i|reckons|(?<!\bi )sings?|sang|lyrics?|translate|the words?|words|reads|goes|the phrase|autocorrect)\b"),
    (REQUEST, r"^(?:(?:please|now|can you|could you|help me|hey)[, ]+)*(?:write|draft|compose) (?:\S+ ){0,5}?(?:e-?mail|letter|message|text|bio|essay|tweet|post|speech|toast|ad|review|reply|response|caption|profile|resume|cv)\b"),
    (REQUEST, r"^(?:say|type|print|complete|finish) "),
)
# fmt: on
# Cheap tests that spare most texts the patterns above: each of those needs one of these words or
# marks. ``words_of`` cuts "let's" into "let" and "s".
MARKED = re.compile(r"[>`~/#$%@<={};&|\\:\n()\[\]]")
CODE_WORDS = frozenset(
    """git sudo pip npm curl docker apt brew kubectl echo cd ls select insert delete update create import
    traceback debug warn warning error fatal exception forwarded""".split()
)
DIAGNOSED = re.compile(
    r"(?:my|the) (?:doctor|gp) (?:says?|said|told me)(?: that)? i(?:'m|'ve| am| have) ",
    re.IGNORECASE,
)
SMALL_TALK = re.compile(
    r"\W*(?:(?:hi|hey|hello|thanks?|thank you|thx|ty|cheers|ok|okay|k|lol|haha\w*|good (?:morning|night|evening|afternoon)|morning|bye|see you"
    r"|yes|yeah|yep|no|nope|sure|cool|great|nice|wow|sorry|please|there|all|again|so much|very much|a lot|everyone|then|later|tomorrow|perfect)\W+)+",
    re.IGNORECASE,
)
TAG = re.compile(
    r"(?:is|was|does|would) ?(?:that|this|it)\b|(?:is|was|do|does|am|are|did|have|has)n?'?t? (?:i|it|we)$|or\b|right\b|correct\b|true\b|yes\b|no\b|remember\b",
    re.IGNORECASE,
)
ASKING = re.compile(r"[,;:.–—-]+ ?(?!.*[,;:–—])")  # what stands before the last part of a question


def in_first_person(text: str) -> bool:
    """Say whether somebody speaks of themselves in a text."""
    said = not FIRST_PERSON.isdisjoint(words_of(text))
    return said or (not text.isascii() and bool(UNSPACED.search(text)))


def sentences(text: str, wanted: Callable[[str], bool] = bool) -> Iterator[tuple[Sentence, str]]:
    """Yield the sentences of a text that are not pasted, each with why it is not to be kept.

    Of one that is not ``wanted`` no reason of its own is looked for.
    """
    words, marked = words_of(text), bool(MARKED.search(text))
    onward = "instruction" if CONTROL.search(text) else _first(INSTRUCTION, text)
    if marked or words & CODE_WORDS:
        text = PASTED.sub(lambda match: "\n" * len(match.group()), text)
    for sentence in split_sentences(text):
        reason = onward
        if not reason:
            reason = onward = _first(ONWARD, sentence.text[:LONGEST_SENTENCE])
        if not reason and not wanted(sentence.text):
            reason = "not wanted"
        yield sentence, reason or _reason(sentence)


def _first(reasons: Sieve[Reason], text: str) -> str:
    """Return the reason that is given first in a text, or nothing."""
    among = reasons.among(text)
    found = [(match.start(), why) for why in among if (match := why.pattern.search(text))]
    return min(found, key=itemgetter(0))[1].name if found else ""


def _reason(sentence: Sentence) -> str:
    text = sentence.text
    if len(text) > LONGEST_SENTENCE:
        return "too long"
    if (reason := _first(ONCE, text)) and not DIAGNOSED.match(text):
        return reason
    if sentence.asks:
        return QUESTION
    return "small talk" if SMALL_TALK.fullmatch(text + " ") else ""


def told_before_asking(question: str) -> str:
    """Return the part of a question that tells something first: "I'm vegan, what can I cook?"."""
    found = ASKING.search(question)
    if not found or len(question[found.end() :].split()) < 4:
        return ""
    return "" if TAG.match(question, found.end()) else question[: found.start()]
