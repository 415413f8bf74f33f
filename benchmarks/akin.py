"""Learn what a statement does to an earlier one: python benchmarks/akin.py [--write]

The sequences of ``akin.jsonl`` were written for this by several hands, in the form of
``tests/golden/reconcile.jsonl``, whose development part is learnt from, too. Each hand is judged by
what the others teach; then all of them together teach the weights that ``memcli/manage/akin.tsv``
holds. Beside the statements of its own sequence, each is set against those of others of its hand;
and those of ordinary chats (``worth.jsonl``) against what stands before and what is like them.
"""

import json
import random
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from worth import TURNS, regression

from memcli.acquire.rules import plainly_told
from memcli.manage import akin
from memcli.sentences import split_sentences

GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "reconcile.jsonl"
SEQUENCES = Path(__file__).with_name("akin.jsonl")
WEIGHTS = Path(akin.__file__).with_name("akin.tsv")
LEAST = 4  # pairs that have a feature
SMALLEST = 4  # a weight of which no relation has more is left out
ROUNDS, PENALTY = 300, 2.0
STRANGERS, OTHER_SEQUENCES = 6, 30  # statements of others that each is set against, and of how many
GAPS = (600, 7_200, *(86_400 * days for days in (2, 5, 12, 25, 50, 90, 300, -9, -400)))  # seconds
SURE = (0.3, 0.4, 0.5)
PERSON = re.compile(
    rf"(?P<who>(?:my|our) (?:{'|'.join(akin.RELATIVES)}))(?: [A-Z]\w+)? (?P<what>[a-z].*)",
    re.IGNORECASE,
)
NAMES = "Felix Ana Tom Priya Otis Maya Jonas Leila Rex Momo Karim Ines".split()
PORTIONS = 4  # other things said of each
IDLE = 0.3  # the share of the statements of ordinary chats that are learnt from
SAME = 0.6  # the share of words from which two statements may be one


def read():
    """Return the sequences of each hand: {letters of its ids: [sequence]}."""
    lines = [*SEQUENCES.read_text("utf-8").splitlines(), *GOLDEN.read_text("utf-8").splitlines()]
    hands = defaultdict(list)
    for sequence in map(json.loads, lines):
        if sequence.get("fold") != "held":
            hands[sequence["id"].rstrip("0123456789")].append(sequence)
    return hands


def sentences(step):
    return [akin.statement(s.text, step["text"]) for s in split_sentences(step["text"])]


def label(decisions):
    """Return the relation that a step is an example of; an older import is told by its time."""
    if isinstance(decisions, list):
        decisions = "new" if "new" in decisions else decisions[0]
    return "supersedes" if decisions == "outdated" else decisions


def alike(earlier, later):
    return len(earlier.content & later.content) / (1 + 0.5 * len(earlier.content))


def steps(sequences, rng, strangers=STRANGERS):
    """Yield (decision, pairs with what was said before, pairs with what others said) of each step.

    Pairs are (likeness, features), the most alike first.
    """
    for sequence in sequences:
        others = rng.sample(sequences, min(len(sequences), OTHER_SEQUENCES))
        said = [
            e for o in others if o is not sequence for step in o["steps"] for e in sentences(step)
        ]
        before, over = [], set()
        for step, decision in zip(sequence["steps"], sequence["decisions"], strict=True):
            time = datetime.fromisoformat(step["said"])
            pairs = [
                (alike(e, s), akin.features(e, s, (time - then).total_seconds(), over=i in over), i)
                for i, (then, heard) in enumerate(before) for e in heard for s in sentences(step)
            ]  # fmt: skip
            pairs.sort(key=lambda pair: -pair[0])
            foreign = [(alike(e, s), e, s) for e in said for s in sentences(step) if alike(e, s)]
            foreign.sort(key=lambda pair: -pair[0])
            strange = [
                (a, akin.features(e, s, rng.choice(GAPS))) for a, e, s in foreign[:strangers]
            ]
            yield sequence, decision, [pair[:2] for pair in pairs], strange
            if pairs and label(decision) == "supersedes":
                over.add(pairs[0][2])
            before.append((time, sentences(step)))


def seen(pair):
    """Say whether two statements are set against each other: alike, or corrected soon after."""
    return pair[0] > 0 or {"gap0", "S:correct"} <= pair[1]


def of_one_person(hands, rng):
    """Yield pairs of what different sequences say of somebody, as if it were said of the same one.

    Of somebody close very much is told, and hardly any of it touches what was told before.
    """
    told = [
        PERSON.match(s.text)
        for sequences in hands.values() for sequence in sequences
        for s in split_sentences(sequence["steps"][0]["text"])
    ]  # fmt: skip
    told = [match for match in told if match]
    for first in told * PORTIONS:
        second = rng.choice(told)
        who = rng.choice([first["who"], f"{first['who']} {rng.choice(NAMES)}"])
        again = rng.choice([who, who, who.split(" ")[-1] if " " in who[3:] else who])
        earlier, later = (
            akin.statement(f"{one} {match['what']}")
            for one, match in ((who, first), (again, second))
        )
        if earlier.topic.isdisjoint(later.topic):
            yield akin.features(earlier, later, rng.choice(GAPS)), 0


def chats():
    """Return the statements of each writer of ``worth.jsonl``, turn by turn."""
    turns = defaultdict(list)
    for line in map(json.loads, TURNS.read_text("utf-8").splitlines()):
        text = " ".join(sentence for sentence, _ in line["turn"])
        told = [akin.statement(s.text, text) for s in plainly_told(text)]
        turns[line["writer"]].append(told)
    return turns


def unrelated(chats, rng, share):
    """Yield lists of pairs: each of a share of all statements with what stands before or is alike.

    What ordinary people say to an assistant rarely touches what they or others said before.
    """
    holding = defaultdict(list)
    everything = [s for turns in chats.values() for told in turns for s in told]
    for statement in everything:
        for word in statement.content:
            holding[word].append(statement)
    for turns in chats.values():
        for before, told in pairwise(turns):
            for later in told:
                if rng.random() < share:
                    found = {s for word in later.content for s in holding[word][:200]} - {later}
                    near = sorted(found, key=lambda s: -alike(s, later))[:STRANGERS]
                    pairs = [(e, rng.choice(GAPS)) for e in near] + [(e, 120) for e in before]
                    yield [
                        (alike(e, later), akin.features(e, later, gap))
                        for e, gap in pairs
                        if len(e.content & later.content) < SAME * len(e.content | later.content)
                    ]


def examples(sequences):
    """Return (features, relation) of pairs: of what changes nothing all, of others the most alike."""
    found = []
    for _, decision, pairs, strange in steps(sequences, random.Random(1)):
        relation = akin.RELATIONS.index(label(decision))
        wanted = pairs[:1] + [p for p in pairs[1:] if not relation and seen(p)]
        found += [(features, relation) for _, features in wanted]
        found += [(features, 0) for _, features in strange]
    return found + list(repeated(sequences, random.Random(4)))


def repeated(sequences, rng):
    """Yield what is said again in the same words, or nearly."""
    for sequence in rng.sample(sequences, len(sequences) // 6):
        said = sequence["steps"][0]["text"]
        again = rng.choice([said, said.lower(), said.rstrip(".!"), f"As I said, {said}"])
        earlier, later = akin.statement(said), akin.statement(again)
        yield akin.features(earlier, later, rng.choice(GAPS)), akin.RELATIONS.index("duplicate")


def taught(pairs):
    """Return {feature: its weights for each relation}."""
    counts = Counter(feature for features, _ in pairs for feature in features)
    places = {f: i for i, f in enumerate(sorted(f for f, n in counts.items() if n >= LEAST))}
    x = np.zeros((len(pairs), len(places)), dtype=np.float32)
    for row, (features, _) in zip(x, pairs, strict=True):
        row[[places[f] for f in features if f in places]] = 1
    labels = np.array([relation for _, relation in pairs])
    weights = regression(x, labels, len(akin.RELATIONS), rounds=ROUNDS, penalty=PENALTY)
    rows = np.rint(weights * akin.SCALE).astype(int).tolist()
    return {f: tuple(rows[i]) for f, i in places.items() if max(map(abs, rows[i])) >= SMALLEST}


def judged(weights, sequences, sure):
    """Return for each step its sequence, whether it is right, and whether it took "new" for more."""
    akin._weights = lambda: weights
    for sequence, decision, pairs, strange in steps(sequences, random.Random(2), 20):
        shares = [akin.shares(features) for _, features in filter(seen, [*pairs, *strange])]
        best = min(shares, key=lambda share: share[0], default=[1.0])
        got = "new" if best[0] > 1 - sure else akin.RELATIONS[best.index(max(best[1:]))]
        right = {label(d) for d in (decision if isinstance(decision, list) else [decision])}
        yield sequence["id"], got in right, right == {"new"}, got != "new" and right == {"new"}


def alarms(weights, writers, sure):
    """Return in how many of their statements something is found that they seem to touch, and of how many."""
    akin._weights = lambda: weights
    found = [
        any(akin.shares(features)[0] < 1 - sure for _, features in filter(seen, pairs))
        for pairs in unrelated(writers, random.Random(3), 1.0)
    ]
    return sum(found), len(found)


def report(hands, pairs, writers):
    """Print what is right of each hand, by what the others teach, and what is found in chats."""
    odd = {name: turns for i, (name, turns) in enumerate(sorted(writers.items())) if i % 2}
    idle = idly({name: turns for name, turns in writers.items() if name not in odd})
    for hand, sequences in hands.items():
        others = [pair for other in pairs if other != hand for pair in pairs[other]]
        people = of_one_person({o: s for o, s in hands.items() if o != hand}, random.Random(5))
        weights = taught([*others, *idle, *people])
        for sure in SURE:
            found = list(judged(weights, sequences, sure))
            wrong = {id for id, right, *_ in found if not right}
            new, false = sum(one[2] for one in found), sum(one[3] for one in found)
            print(f"{hand:4} from {sure:.1f}: decisions {np.mean([one[1] for one in found]):.3f},"
                  f" sequences {1 - len(wrong) / len(sequences):.3f}, false {false} of {new}")  # fmt: skip
    for sure in SURE:
        print(f"chats of other writers, from {sure:.1f}:", *alarms(weights, odd, sure))


def idly(writers):
    found = unrelated(writers, random.Random(3), IDLE)
    return [(features, 0) for pairs in found for _, features in pairs]


def main():
    hands, writers = read(), chats()
    pairs = {hand: examples(sequences) for hand, sequences in hands.items()}
    if "--write" not in sys.argv:
        report(hands, pairs, writers)
        return
    everything = [pair for hand in pairs.values() for pair in hand]
    weights = taught([*everything, *idly(writers), *of_one_person(hands, random.Random(5))])
    lines = ("\t".join([feature, *map(str, row)]) for feature, row in sorted(weights.items()))
    WEIGHTS.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(weights)} weights from {sum(map(len, hands.values()))} sequences")


if __name__ == "__main__":
    main()
