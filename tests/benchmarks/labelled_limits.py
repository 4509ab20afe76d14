"""How well labels can be told at all: what those who marked the addresses agree on, and what their labels teach.

    python -m tests.benchmarks.labelled_limits [--data FOLDER]

Beside the F1 of the parser on the part ``train`` stand, by label:

* relabelled: F1 of the parser's parts with the labels that three quarters of the addresses teach for the others;
* given ends: the same for the very parts that people marked, so that no more than labels are left to tell;
* twins agree: of two marked parts that look alike (digits set aside), behind the same ending and before the same shape,
  how many have the label of the first. Names have few twins.

What is learned is measured and thrown away; nothing of it enters gridmap.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.benchmarks.labelled import CORPUS, TARGETS, Figures, Span, addresses, compared, told

#: Addresses are parted into so many groups; the labels of each are told by what the others teach.
_FOLDS = 4
#: What is said of fewer parts teaches nothing.
_LEAST = 5
#: The label of what people did not mark as a part.
_NONE = "none"


class Parted(NamedTuple):
    """A text in parts, with the labels that these have so far, and those that people gave them."""

    text: str
    spans: list[Span]
    truth: list[str]


def in_turn(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the parts as they are compared, front to back, without those that are no more than a dash or a comma."""
    return sorted(
        (span for span in compared(text, spans).elements() if span.start < span.end), key=lambda one: one.start
    )


def marked(text: str, spans: Iterable[Span]) -> Parted:
    """Return a text in the parts that people marked, without their labels."""
    parts = in_turn(text, spans)
    return Parted(text, [span._replace(label="") for span in parts], [span.label for span in parts])


def parsed(text: str, spans: Iterable[Span]) -> Parted:
    """Return a text in the parts of the parser."""
    truth = {(span.start, span.end): span.label for span in compared(text, spans)}
    parts = in_turn(text, told(text))
    return Parted(text, parts, [truth.get((span.start, span.end), _NONE) for span in parts])


def shapes(parted: Parted, place: int) -> tuple[str, ...]:
    """Return the shapes (0 for each number) of a part, of two before and two behind; empty where there are none."""
    near = (place, place - 1, place + 1, place - 2, place + 2)
    spans = [parted.spans[one] if 0 <= one < len(parted.spans) else Span("", 0, 0) for one in near]
    return tuple(re.sub("[0-9]+", "0", parted.text[span.start : span.end]) for span in spans)


def agreement(corpus: Iterable[Parted]) -> dict[str, float]:
    """Return by label which share of the twins of a part with this label has it too, on average."""
    groups: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for parted in corpus:
        for place, label in enumerate(parted.truth):
            own, before, behind, *_ = shapes(parted, place)
            groups[own, before[-2:], behind][label] += 1
    shares: dict[str, list[float]] = defaultdict(list)
    for group in groups.values():
        for label, count in group.items() if group.total() > 1 else ():
            shares[label].extend([(count - 1) / (group.total() - 1)] * count)
    return {label: float(np.mean(one)) for label, one in shares.items()}


def said(parted: Parted, place: int) -> Iterator[str]:
    """Return what is said of a part: how it, and those around it, begin and end, how they are labelled so far."""
    for where, shape in zip(("own", "before", "behind", "before 2", "behind 2"), shapes(parted, place), strict=True):
        yield from (f"{where} {shape[-size:]}" for size in (1, 2, 3))
    own = parted.spans[place]
    text = parted.text[own.start : own.end]
    yield from (f"text {text}", f"begins {text[:1]}", f"long {min(len(text), 9)}")
    yield from (f"digits {len(digits)}" for digits in re.findall("[0-9]+", text)[:1])
    for step in (-2, -1, 0, 1, 2):
        if 0 <= place + step < len(parted.spans):
            yield f"{step} {parted.spans[place + step].label} {own.label}"
    yield from (f"seen {one.label} {parted.text[one.end - 1]}" for one in parted.spans[:place])


def learned(corpus: list[Parted]) -> list[str]:
    """Return the labels of all parts in turn, each as the other folds teach it to a linear model."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.svm import LinearSVC

    places = [(parted, place) for parted in corpus for place in range(len(parted.truth))]
    table = DictVectorizer(dtype=np.float32).fit_transform(dict.fromkeys(said(*one), 1) for one in places)
    table = table[:, np.asarray((table != 0).sum(axis=0)).ravel() >= _LEAST]
    groups = [number for number, parted in enumerate(corpus) for _ in parted.truth]
    truth = [label for parted in corpus for label in parted.truth]
    return list(cross_val_predict(LinearSVC(C=0.1), table, truth, groups=groups, cv=GroupKFold(_FOLDS)))


def score(label: str, given: Iterable[str], truth: Iterable[str], count: int) -> float:
    """Return the F1 of given labels, of which ``count`` were marked."""
    given = list(given)
    right = sum(one == other == label for one, other in zip(given, truth, strict=True))
    return Figures(count, given.count(label), right).f1


def table(corpus: list[tuple[str, list[Span]]]) -> str:
    """Return the table to print."""
    theirs, ours = ([parts(*one) for one in corpus] for parts in (marked, parsed))
    counts = Counter(label for parted in theirs for label in parted.truth)
    columns = [
        ([span.label for parted in ours for span in parted.spans], ours),
        (learned(ours), ours),
        (learned(theirs), theirs),
    ]
    twins = agreement(theirs)
    lines = ["| label | marked | parser | relabelled | given ends | twins agree |", "|---|---:|---:|---:|---:|---:|"]
    for label in TARGETS:
        scores = [
            f"{score(label, given, (one for parted in parts for one in parted.truth), counts[label]):.3f}"
            for given, parts in columns
        ]
        lines.append(f"| {label} | {counts[label]} | {' | '.join(scores)} | {twins.get(label, float('nan')):.3f} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print the table; a missing corpus is said, and no failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).parents[3] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GRIDMAP_SHARED_DATA", beside)))
    path = parser.parse_args(arguments).data / CORPUS / "train.txt"
    if not path.exists():
        sys.stdout.write("not measured: the labelled addresses are not beside this checkout\n")
        return 0
    sys.stdout.write(f"{table(list(addresses(path)))}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
