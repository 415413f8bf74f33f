"""The write gate: names why a text, or a sentence of it, holds nothing worth keeping.

It knows nothing of what a memory is. It finds the words that are not the user's own, not meant, or
not said of the world: instructions, pasted text, code, fiction, suppositions, sarcasm, questions.
"""
# ruff: noqa: E501  (tables of patterns read best with one kind a line)

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from memcli.sentences import Sentence, split_sentences

FIRST_PERSON = frozenset(
    "i im ive my mine me myself we our ours us ich mich mir mein meine meinem meinen meiner wir uns unser unsere je j mon"
    " mes nous nos notre yo mi mis soy vivo tengo estoy nuestro nuestra eu meu meus minha moro tenho sou nosso nossa io mio"
    " mia miei sono abito ik mijn wij onze".split()
)
UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")  # in which "I" is rarely said
LONGEST_SENTENCE = 400  # characters; what is longer is prose or pasted, not a statement
# Reasons against a sentence of which a part may still be kept.
QUESTION, REPORTED, SARCASM, REQUEST = "question", "another's words", "sarcasm", "request"
REASONS = {
    "fiction": "fiction or a role",
    "pasted": "pasted text",
    "reported": REPORTED,
    "sarcasm": SARCASM,
    "supposition": "supposition",
    "request": REQUEST,
}

INSTRUCTION = re.compile(
    r"^\W{0,9}(?:system|developer)(?: prompt| message| note)?\W{0,3}:|<\|\w|<</?sys>>"
    r"|\[/?(?:memory|inst|system|context)\]|###? ?(?:system|instructions?)\b"
    r"|\b(?:ignore|disregard|forget|override) (?:(?:all|any|of|the|your|my|every) ){0,4}"
    r"(?:previous|prior|above|earlier|preceding|existing|safety)\b"
    r"|\bas an ai\b|\byou are (?:a helpful|an ai|chatgpt|now)\b|\bdo anything now\b"
    r"|\b(?:the |this )?user(?:'s (?:\w+ ){1,3}(?:is|are)|\.\w+ ?=| (?:is|has|prefers?|likes?|loves?"
    r"|hates?|wants?|lives?|works?|owns?|said|says|named)) "
    r"|\bterms (?:and conditions|of (?:service|use))\b|\bprivacy policy\b|\bunsubscribe\b"
    r"|\ball rights reserved\b|\bcookies help\b",
    re.IGNORECASE | re.MULTILINE,
)
PASTED = re.compile(
    r"(?:```|~~~)(?:(?!```|~~~)[\s\S])*(?:```|~~~|\Z)"
    r"|^[ \t]*(?:>|//|/\*|#(?:include|define|!)|[$%] |\w+@\w+[:~]|</?[a-z!]).*$"
    r"|^[ \t]*(?:assistant|ai|bot|chatgpt|claude|human|user)[ \t]?:.*$"
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
# From a sentence like these to the end of the text, nothing is said of the world.
ONWARD = re.compile(
    r"(?P<fiction>^(?:(?:ok|okay|now|so|please|hey|let's|lets|let us|can we|i want you to|you)[, ]+)*"
    r"(?:pretend|role-?play|act (?:as|like)|play the (?:role|part)|imagine\b|picture this|suppose|assume|assuming"
    r"|say (?:that )?(?:i|my|we)\b|say (?:that )?(?:i'm|we're)|what if|hypothetically|in a hypothetical)\b"
    r"|^you(?:'re| are) (?:my|an?) (?!star|legend|life|genius|god|great|helpful)|\b(?:let's|lets) (?:say|pretend|imagine|assume|suppose)\b|\bonce upon a time\b|^in (?:the|this) (?:book|film|movie|play|show|series|tale|song|game)\b|^chapter (?:\d+|one|i)\b|^\*[^*\n]{2,80}\*|^\(?(?:ic|ooc)\b:?"
    r"|\b(?:write|compose|tell|draft|create|make up|continue|finish|invent|start|begin|opening|line of) (?:\S+ ){0,6}?"
    r"(?:story|poem|scene|novel|dialogue|script|monologue|lyrics|song|haiku|limerick|sonnet|screenplay|fan ?fic\w*"
    r"|fairy ?tale|diary|chapter|tale|ballad|rap|backstory|roleplay)\b"
    r"|\b(?:my|the|our|your|a|main) (?:character|protagonist|narrator|persona|villain|heroine|avatar|alter ego)\b"
    r"|\b(?:in|for) (?:my|the|this|our|a) (?:\S+ )?(?:novel|story|game|rpg|campaign|dream|screenplay|short story|fanfic)\b"
    r"|\bmy (?:\S+ ){0,2}(?:wizard|elf|paladin|rogue|druid|orc|dwarf|sorcerer|sorceress|warlock|vampire|cleric|mage|necromancer|npc)\b"
    r"|\bin character\b|\bi am (?:batman|iron man|groot|the king|god|a dragon)\b|\bthe king of\b)"
    r"|(?P<pasted>^(?:(?:please|now|can you|could you|would you|help me|hey|hi)[, ]+)*(?:translate|proof-?read|paraphrase|rephrase|rewrite|reword"
    r"|summari[sz]e|shorten|fix|phrase|edit|improve|polish|analy[sz]e|review|transcribe|critique|correct|check|grade|simplify|make)\b(?<!\bedit(?=:)) ?"
    r"(?=[^:]*:|.*\b(?:this|these|following|below)\b.*(?:[.:]$|\n))"
    r"|\b(?:here(?:'s| is| are)|this is|see|read|got|received|from) (?:\S+ ){0,3}?(?:e-?mail|mail|message|letter|article|text|transcript"
    r"|quote|lyrics|review|excerpt|passage|paragraph|post|tweet|essay|bio|abstract|example|draft|story|sentence|ad|blurb)\b[^:\"]*:(?!\s*[\"'“‘]))"
    r"|(?P<reported>^(?:repeat after me|(?:an? |the |my )?(?:example|sample|sentence|caption|headline|title|lyrics|motto|slogan|quote|line)s?(?: sentence)?: ?))",
    re.IGNORECASE,
)
ONCE = re.compile(
    r"(?P<sarcasm>(?<!\w)/s$|🙄|\byeah,? right\b|\blucky me\b|\bsaid no ?(?:one|body) ever\b|\bjust (?-i:LOVE|ADORE)\b"
    r"|^(?:oh|ah|wow|yay|gee|well)?[,!. ]*(?:great|fantastic|brilliant|wonderful|lovely|perfect|fabulous|terrific|awesome|yippee|yay|joy)[,!.]+ "
    r"(?:i|just|another|because|so|now|my)\b.*\b(?:love|adore|enjoy|another|again|just what|favou?rite)\b"
    r"|\boh,? (?:great|joy|sure|yes|yeah|wonderful|fantastic|perfect|lovely|brilliant|goody)\b|\bwho doesn'?t (?:love|like|enjoy|want)\b"
    r"|\bjust what i (?:always |'ve always )?(?:wanted|needed)\b|\bliving the dream\b|\bas if\b|\bsure, because\b|\bbecause (?:clearly|obviously|of course)\b"
    r"|\b(?:apparently|supposedly|allegedly|totally not|clearly)\b|\bhow (?:lovely|wonderful|original|fun|exciting)\b|\bthe best luck\b)"
    r"|(?P<supposition>^(?:(?:and|but|so|well|even|only|or|oh|hey)[, ]+)*(?:if|unless|whether|were i|had i|should i|in case(?! it\b| you\b))\b"
    r"|\b(?:wish|imagine|suppose|pretend|hypothetical(?:ly)?|as though|dream(?:ed|t)|in (?:my|a) dream|fictional|joking|kidding|jk|not really|let's say"
    r"|in another life|character|theoretically|what if|if only)\b)"
    r"|(?P<reported>^[\"“«„]|^['‘](?!m\b|ve\b|cause\b|tis\b)|\b(?:says|say(?<!i.d say)(?<!would say)|(?<!\bas i )(?<!\blike i )said(?! [\w' -]{2,30} but (?:i|it)\b)|saying|(?<!\bas i )told|tells|asked me|asks|wrote|writes|writing that|quot(?:e|es|ed|ing)|claim(?:s|ed)?"
    r"|according to|shout(?:s|ed|ing)|whisper(?:s|ed)|texted|replied|insists?|insisted|thinks (?:that )?i|reckons|(?<!\bi )sings?|sang|lyrics?|translate|the words?|words|reads|goes|the phrase|autocorrect)\b)"
    r"|(?P<request>^(?:(?:please|now|can you|could you|help me|hey)[, ]+)*(?:write|draft|compose) (?:\S+ ){0,5}?(?:e-?mail|letter|message|text|bio"
    r"|essay|tweet|post|speech|toast|ad|review|reply|response|caption|profile|resume|cv)\b|^(?:say|type|print|complete|finish) )",
    re.IGNORECASE,
)
# Cheap tests that spare most texts the patterns above: each of those needs one of these words or
# marks. ``words_of`` cuts "let's" into "let" and "s".
MARKED = re.compile(r"[>`~/#$%@<={};&|\\:\n()\[\]]")
CODE_WORDS = frozenset(
    """git sudo pip npm curl docker apt brew kubectl echo cd ls select insert delete update create import
    traceback debug warn warning error fatal exception forwarded""".split()
)
INSTRUCTING = frozenset(
    "system developer ignore disregard forget override user ai helpful chatgpt now anything terms privacy unsubscribe rights cookies".split()
)
HINTS = frozenset(
    """pretend role roleplay act play imagine picture suppose supposed assume assuming say hypothetical hypothetically let
    lets once ic ooc write compose tell draft create make continue finish invent start begin opening line character
    protagonist narrator persona villain heroine avatar alter novel story game rpg campaign dream screenplay fanfic wizard
    elf paladin rogue druid orc dwarf sorcerer sorceress warlock vampire cleric mage necromancer npc batman groot king god
    dragon iron translate proof proofread paraphrase rephrase rewrite reword summarise summarize shorten fix edit improve
    polish analyze analyse review transcribe critique correct check grade simplify email mail message letter article text
    transcript quote quotes lyrics lyric excerpt passage paragraph post tweet essay bio abstract example sample sentence
    sentences caption headline title motto slogan repeat blurb ad yeah lucky ever nobody great fantastic brilliant
    wonderful lovely perfect fabulous terrific awesome yippee yay joy oh doesn doesnt wanted needed if clearly obviously
    apparently supposedly allegedly totally original fun exciting luck unless whether were had should case wish
    though dreamed dreamt fictional joking kidding jk really life theoretically says said saying told tells asked asks wrote
    writes writing quoted quoting claim claims claimed according shout shouts shouted shouting whispers whispered texted
    replied insists insisted thinks reckons sings sing sang word words reads goes phrase autocorrect type print complete love adore goody
    you chapter examples samples quotes lines captions titles poem song book film movie show series tale game""".split()
)
DIAGNOSED = re.compile(
    r"(?:my|the) (?:doctor|gp) (?:says?|said|told me)(?: that)? i(?:'m|'ve| am| have) ",
    re.IGNORECASE,
)
STARTS = "*(/\"“«„'‘-"
WORD = re.compile("[a-z]+")
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
    instructs = (marked or words & INSTRUCTING) and INSTRUCTION.search(text)
    onward = "instruction" if instructs else ""
    if marked or words & CODE_WORDS:
        text = PASTED.sub(lambda match: "\n" * len(match.group()), text)
    for sentence in split_sentences(text):
        reason = onward
        hinted = _hinted(sentence.text)
        if not reason and hinted and (found := ONWARD.search(sentence.text[:LONGEST_SENTENCE])):
            reason = onward = REASONS[found.lastgroup or ""]
        if not reason and not wanted(sentence.text):
            reason = "not wanted"
        yield sentence, reason or _reason(sentence, hinted=hinted)


@lru_cache(maxsize=64)  # a short turn is its only sentence, and that its only clause
def words_of(text: str) -> frozenset[str]:
    """Return the runs of plain letters in a text, in lower case."""
    return frozenset(WORD.findall(text.lower()))


def _hinted(text: str) -> bool:
    return text[0] in STARTS or "/s" in text or "🙄" in text or not HINTS.isdisjoint(words_of(text))


def _reason(sentence: Sentence, *, hinted: bool) -> str:
    text = sentence.text
    if len(text) > LONGEST_SENTENCE:
        return "too long"
    if hinted and not DIAGNOSED.match(text) and (found := ONCE.search(text)):
        return REASONS[found.lastgroup or ""]
    if sentence.asks:
        return QUESTION
    return "small talk" if SMALL_TALK.fullmatch(text + " ") else ""


def told_before_asking(question: str) -> str:
    """Return the part of a question that tells something first: "I'm vegan, what can I cook?"."""
    found = ASKING.search(question)
    if not found or len(question[found.end() :].split()) < 4:
        return ""
    return "" if TAG.match(question, found.end()) else question[: found.start()]
