"""What is fed to memcli to break it: bytes, JSON, zips and texts, each made from a seed."""

import io
import json
import pkgutil
import random
import re
import sys
import warnings
import zipfile
from copy import deepcopy
from functools import cache
from importlib import import_module

from hypothesis import strategies as st
from import_samples import JUNK, SAMPLES, mutations

WRONG = [
    None, True, -1, 0, 1e308, 10**400, 2**63, "", " ", "\x00", "\ud800", "a" * 3000, "9999-12-31", "0000-00-00",
    "2024-02-30T25:61:61+99:99", "1e400", "٣", "../..", [], {}, [[]], [None], {"": {}}, {"text": 1}, ["x"] * 300, "DEEP",
]  # fmt: skip
PHRASES = """I live in Ulm|my sister Ana|moved to|since 2019|in May|on the 31st|three weeks ago|31 February 2023|the day
 before yesterday|password is|4111 1111 1111 1111|sk-proj-|-----BEGIN PRIVATE KEY-----|NEAR(|AND|OR NOT|"|*|col:|^|'|;
|--|(((|?|!!!|…|\n|\n- |\t|\x00|\x1b[2J|\u202e|\ufeff|👩‍👩‍👧|ß|İ|ﬁ|カタカナ|ภาษาไทย|한국어|עברית|e\u0301\u0301\u0301|1/2/3|24:99|9999|0x41
|though|because I|no longer|my favourite boat is|not a fan of|what did I say about|https://x:y@z/|a@b.c|`|> |{{|}}|%""".split(
    "|"
)
NAMES = [
    "../x", "/etc/x", "C:\\x", "a\x00b", "", "//", ".", "a/" * 300 + "b", "é" * 200, "x.zip", "x/", "NUL", "\n", "-",
]  # fmt: skip
SCRAPS = [
    "{% for i in range(10**9) %}x{% endfor %}", "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 'a' * 10**10 }}", "{{ 10 ** 10 ** 9 }}", "{% set x = namespace(v='a') %}{% for i in range(60) %}{% set x.v = x.v ~ x.v %}{% endfor %}{{ x.v }}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{{ ''.__class__.__mro__ }}", "{% include 'x' %}", "{{ messages[9].content }}",
    "{{ '%99999999999d' % 1 }}", "{{ '{:>99999999999}'.format(1) }}", "{{ 'a'|center(10**10) }}", "{% if %}", "{{ raise_exception('no') }}",
    "{{ (range(99999)|list) * 99999 }}", "{{ messages|map(attribute='role')|list|tojson }}", "{% for m in messages %}{{ m.content }}{% endfor %}",
    "{{ strftime_now('%' * 99) }}", "{{ messages|tojson }}", "{{ bos_token }}", "{%- for m in messages|batch(0) %}{% endfor %}", "{{ 1 // 0 }}",
]  # fmt: skip


def damaged(data, rng):
    """Return bytes with some changed, cut, doubled or made hostile."""
    [broken] = mutations(data, 1, rng.random())
    return broken


def wrong(value, rng):
    """Return JSON in which one value, anywhere, is gone, deep, or another."""
    places = list(_places(value))
    if not places or rng.random() < 0.1:
        return deepcopy(rng.choice(WRONG))
    holder, key = rng.choice(places)
    kind = rng.randrange(5)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        other, stolen = rng.choice(places)
        holder[key] = deepcopy(other[stolen])
    elif kind == 2:
        for _ in range(rng.choice((1, 99))):
            holder[key] = [holder[key]] if rng.random() < 0.5 else {"a": holder[key]}
    else:
        holder[key] = deepcopy(rng.choice(WRONG))
    return value


def _places(value):
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder))
        yield from ((holder, key) for key in keys)
        waiting += [holder[key] for key in keys if isinstance(holder[key], (dict, list))]


def wrong_text(text, rng):
    """Return JSON, or lines of it, with some wrong values; what is none comes back damaged."""
    try:
        lines = [text] if "\n" not in text.strip() else text.strip().split("\n")
        values = [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return damaged(text.encode(), rng)
    for _ in range(rng.choice((1, 1, 3))):
        at = rng.randrange(len(values))
        values[at] = wrong(values[at], rng) if isinstance(values[at], (dict, list)) else 0
    ascii = rng.random() < 0.5
    said = "\n".join(json.dumps(value, ensure_ascii=ascii) for value in values)
    return said.replace('"DEEP"', "[" * 5000 + "]" * 5000).encode("utf-8", "surrogatepass")


def sample(rng):
    """Return the name of a format, the name of a file and what is wrong in it."""
    name = rng.choice(list(SAMPLES))
    path, content, _ = SAMPLES[name]
    if isinstance(content, str) and rng.random() < 0.5:
        return name, path, wrong_text(content, rng)
    data = content if isinstance(content, bytes) else content.encode()
    if rng.random() < 0.05:
        data = data.decode("latin-1").encode(rng.choice(("utf-16", "utf-32-be", "cp037", "utf-7")))
    if rng.random() < 0.02:
        data += rng.choice(JUNK) * rng.choice((1000, 100_000 // 4))
    return name, path, damaged(data, rng)


def archive(rng):
    """Return a zip of samples with odd names, sizes that are not so, and damage."""
    kept = io.BytesIO()
    stored = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(kept, "w", stored) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that stand there twice
        for i in range(rng.randrange(1, 5)):
            _, path, data = sample(rng)
            info = zipfile.ZipInfo(
                rng.choice((f"{i}{path}", f"{i}{path}", rng.choice(NAMES))) or "x"
            )
            info.external_attr = rng.choice((0, 0o120777 << 16, 0o010644 << 16, 0x10))
            made.writestr(info, data if rng.random() < 0.95 else bytes(10**7), made.compression)
    data = kept.getvalue()
    return data if rng.random() < 0.4 else data[:4] + damaged(data[4:], rng)


@cache
def patterns():
    """Return the regular expressions of memcli: what is made of them goes far into its code."""
    import memcli

    for module in pkgutil.walk_packages(memcli.__path__, "memcli."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found = {}
    for name in sorted(name for name in sys.modules if name.startswith("memcli.")):
        _gather(vars(sys.modules[name]), found, 4)
    return list(found)


def _gather(value, found, depth):
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        found[value] = None
    elif depth and isinstance(value, (dict, list, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            _gather(each, found, depth - 1)
    elif depth and type(value).__module__.startswith("memcli"):
        names = getattr(type(value), "__slots__", ())
        _gather([getattr(value, name, None) for name in names], found, depth - 1)


MATCHING = st.deferred(lambda: st.sampled_from(patterns()).flatmap(st.from_regex))
ANY = st.text(st.characters())  # lone surrogates too
PIECES = st.lists(st.sampled_from(PHRASES) | st.text(max_size=4), max_size=30).map(" ".join)
TEXTS = PIECES | ANY | PIECES | st.lists(ANY | PIECES, max_size=4).map("\n".join)
FAR = MATCHING | st.tuples(MATCHING, PIECES).map(" ".join)


@st.composite
def repeated(draw, most=60_000):
    """Return a text of one scrap again and again: what a regular expression may choke on."""
    scrap = draw(FAR | PIECES.filter(bool)) or "x"
    start = draw(st.integers(0, len(scrap) - 1))
    unit = scrap[start : draw(st.integers(start + 1, len(scrap)))] + draw(
        st.sampled_from(("", " ", "\n", ", "))
    )
    size = draw(st.sampled_from((100, 400, 2_000, 10_000, most)))
    begin = draw(st.sampled_from(("", scrap, scrap[:start], "I love ", "My password is ")))
    return (begin + unit * (size // len(unit)))[:size] + draw(st.sampled_from(("", "!", "\n", "x")))


def rng_of(seed):
    """Return a source of chance."""
    return random.Random(seed)
