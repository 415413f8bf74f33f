"""Hostile texts in prompts: none ends its block, and none becomes a token that only templates use."""

import re
from functools import cache

from conftest import SHARED
from figures import Figure
from ggufs import CONTROLS, write_llama
from hostile_texts import TEMPLATES, TEXTS

from memcli.acquire.extract import ModelExtractor
from memcli.acquire.summarize import summarize
from memcli.config import ModelConfig, SamplingConfig
from memcli.engine.base import Message
from memcli.engine.layout import Layout
from memcli.engine.llama import LlamaEngine
from memcli.engine.template import ChatTemplate
from memcli.media.documents import Document
from memcli.records import Hit, Memory, Origin, Turn
from memcli.testing import NOON
from memcli.text import clean, fence
from memcli.tiers.short_term import ShortTerm

CODE = "3f9c21ab"
MARKS = re.compile(r"<\|?[^<>\s]+\|?>|\[[^\[\]\s]+\]")
BLOCKS = re.compile(r"<[^\w\n]{0,9}(?:memories|document|conversation)\b[^<>\n]*>?", re.IGNORECASE)
CONTROL, DEFINED = 3, 4  # how a vocabulary may declare what templates mark turns with
MODELS = ("recall-2M-f16.gguf", "stories260K-f32.gguf")


def template(begin, end):
    """Return a chat template of a family, in Jinja."""
    begin = re.sub("system|SYSTEM", "' + m.role + '", begin.replace("\n", "\\n"))
    text = f"{{{{ '{begin}' + m.content + '{end}' }}}}".replace("\n", "\\n")
    return "{% for m in messages %}" + text + "{% endfor %}"


def layouts(top):
    """Yield a layout for each family and way to declare its marks, and for real models there are."""
    marks = MARKS.findall(" ".join(begin + end for begin, end in TEMPLATES.values()))
    known = list(dict.fromkeys([*CONTROLS, *marks]))
    for kind in (CONTROL, DEFINED):
        path = write_llama(top / f"{kind}.gguf", controls=known, kind=kind, context=256)
        engine = load(path, top)
        for family, (begin, end) in TEMPLATES.items():
            yield family, engine, Layout(engine._context, ChatTemplate(template(begin, end)))
        engine.close()
    for path in (SHARED / "models" / name for name in MODELS):
        if path.exists():
            engine = load(path, top)
            yield path.name, engine, engine._layout
            engine.close()


def load(path, top):
    return LlamaEngine(ModelConfig(str(path), threads=1), SamplingConfig(), cache=top)


class Room:
    """Counts nothing, so that nothing is left out."""

    context_size, bounded, reads_prompts = 1 << 20, True, True

    def count(self, text):
        return 0

    def prompt_size(self, messages):
        return 0


@cache
def messages(text):
    """Return a prompt with a text in every place where one may stand."""
    text = clean(text)
    document = Document("x", "x", text).fenced(CODE)
    tier = ShortTerm(
        Room(), system="", recall_share=0.5, answer=9, profile=9, document=document, code=CODE
    )
    memory = Memory("m", "fact", text, NOON)
    source = Origin("session", title=f"t {text}", session_id="s", speaker=text)
    hit = Hit("h", "turn", text, NOON, 1.0, source=source, before=text + "?", after=text)
    window = [
        Turn(f"t{i}", "s", i, role, text, NOON, speaker=text)
        for i, role in enumerate(("user", "assistant", "other", "assistant"))
    ]
    return tier.build(
        pinned=[memory], profile=[memory], summary=text, window=window, hits=[hit], user=text, unsure=True
    ).messages  # fmt: skip


def told(text):
    """Return what a model is asked about turns that hold a text: to extract, and to summarise."""
    asked = []
    turns = [
        Turn("t", "s", 0, "other", text, NOON, speaker=text),
        Turn("u", "s", 1, "user", "I live in Rome.", NOON),
    ]
    ModelExtractor(lambda prompt, grammar: asked.append(prompt) or "[]").extract_turns(turns)
    summarize(turns, None, lambda prompt: asked.append(prompt) or "So it was.")
    return asked


def reserved(engine, layout):
    """Return the control tokens, and what else only a template may use: any text can spell it."""
    context = engine._context
    own = layout.encode([Message("system", "x"), Message("user", "x"), Message("assistant", "x")])
    control = {token for token in range(context.vocab_size) if context.is_control(token)}
    return control | {token for token in own if context.is_marker(token)}


def fenced(text):
    """Say whether all blocks of a prompt begin and end where they should."""
    for message, plain in zip(messages(text), messages("harmless"), strict=True):
        theirs = message.role == "system" or BLOCKS.search(plain.text)
        if theirs and BLOCKS.findall(message.text) != BLOCKS.findall(plain.text):
            return False
    extract, summary = told(text)
    lines = extract.splitlines()
    code = re.search("BEGIN (\\w{8})", extract)[1]
    end = lines.index(f"END {code}")
    begin, last = fence("conversation", re.search(r"<conversation (\w{8})>", summary)[1])
    inside = summary.partition(begin)[2].partition(last.strip())[0]
    return end == len(lines) - 1 and len(inside.splitlines()) == 2 and not BLOCKS.search(inside)


def figures(top, share=1.0):
    """Lay out prompts of hostile texts for models of all families, and count what got through."""
    texts = TEXTS[:: max(1, round(1 / share))]
    open_ = [text[:99] for text in texts if not fenced(text)]
    yield Figure(
        "Hostile text",
        "texts in the blocks of prompts",
        len(texts),
        len(open_),
        problems=tuple(open_),
    )
    tried, taken = 0, []
    for family, engine, layout in layouts(top):
        only = reserved(engine, layout)
        expected = [token for token in layout.encode(messages("harmless")) if token in only]
        for text in texts:
            tried += 1
            if [token for token in layout.encode(messages(text)) if token in only] != expected:
                taken.append(f"{family}: {text[:99]!r}")
    note = f"{len(TEMPLATES)} families of templates, declared in two ways, and real models"
    yield Figure(
        "Hostile text",
        "prompts of texts that spell a template's marks",
        tried,
        len(taken),
        note,
        tuple(taken[:9]),
    )
