"""The parser beside people: each label of real addresses, how much of it is told and how much of what is told is right.

    python -m tests.benchmarks.labelled [--part dev] [--data FOLDER]

A part counts as told only if label, first and last character are all those that people marked; gaps, dashes and commas
at its ends are set aside on both sides. The corpus is no part of the project (it has no licence): it is found through
``GRIDMAP_SHARED_DATA``, or beside the checkout. Nothing is tuned on its part ``dev``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gridmap.address.parsing import Component, parse

CORPUS = "address_ncap"

#: Our kinds in the words of the corpus (its anno-en.md): a group of a village counts as its road. A lane alone is a
#: number on its road; with a house number behind it, it is a road of its own with that number. (The guide has such a
#: lane as a number and the house as a building; six in ten of those who followed it did not.)
KINDS = {
    "province": "prov",
    "city": "city",
    "district": "district",
    "zone": "devzone",
    "street": "town",
    "community": "community",
    "road": "road",
    "group": "road",
    "lane": "roadno",
    "number": "roadno",
    "compound": "poi",
    "place": "poi",
    "building": "houseno",
    "unit": "cellno",
    "floor": "floorno",
    "room": "roomno",
    "person": "person",
    "relation": "assist",
    "other": "redundant",
}

#: What the corpus tells apart and addresses do not: a second road, number or place in the same address.
SECOND = {"subroad": "road", "subroadno": "roadno", "subpoi": "poi"}

#: Municipalities are cities there, provinces by their codes.
MUNICIPALITIES = ("北京", "天津", "上海", "重庆")

#: Labels in the order of the table; the last ones are no targets: no standard address holds them.
TARGETS = ("prov", "city", "district", "devzone", "town", "community", "road", "roadno", "poi", "houseno", "cellno",
           "floorno", "roomno", "assist")  # fmt: skip
OTHERS = ("person", "redundant", "country", "otherinfo")

#: Numbers of one plate lie this near; a plate has so many sub-numbers.
_RANGE = 60
_SUB_NUMBERS = 3

#: The section of a road is a second road there: 人民路 and 东段.
_SECTION = re.compile("(?<=[路街道环线])[^路街道环线]{1,2}段$")

#: What is said behind a number is no part of it there, if it has two characters: 12号店面, but 12号房.
_SHOP = re.compile("(?<=[0-9号])(?:商铺|店面|店铺|档口|摊位|铺位|房间)$")
#: A section with a letter is a part of the name there, for two in three: 联合市场C区.
_LETTERED = re.compile("[A-Za-z]区")
_INNER = frozenset({"houseno", "cellno", "roomno"})

_EDGES = " \t,，.。;；:：、-—－_/\\"


class Span(NamedTuple):
    """A labelled part of a text."""

    label: str
    start: int
    end: int


class Figures(NamedTuple):
    """How well a label is told."""

    marked: int
    told: int
    right: int

    @property
    def precision(self) -> float:
        """Share of what is told that is right."""
        return self.right / self.told if self.told else 0.0

    @property
    def recall(self) -> float:
        """Share of what is marked that is told."""
        return self.right / self.marked if self.marked else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.right / (self.marked + self.told) if self.marked + self.told else 0.0


def addresses(path: Path) -> Iterator[tuple[str, list[Span]]]:
    """Return each text of a file and what people marked in it."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        tokens = [line.rsplit(" ", 1) for line in block.splitlines()]
        yield "".join(word.replace("_", " ") for word, _ in tokens), list(marked(tokens))


def marked(tokens: Iterable[list[str]]) -> Iterator[Span]:
    """Return the spans of words labelled B-label, I-label."""
    start, end, label = 0, 0, ""
    for word, tag in tokens:
        if tag.startswith("B-") or tag[2:].lower() != label:
            if label:
                yield Span(label, start, end)
            start, label = end, tag[2:].lower()
        end += len(word)
    if label:
        yield Span(label, start, end)


def told(text: str) -> Iterator[Span]:
    """Return what `parse` tells of a text, in the words of the corpus."""
    parts = parse(text)
    return joined(_labelled(parts), only={part.span for part in parts if _LETTERED.fullmatch(part.text)})


def _labelled(parts: list[Component]) -> Iterator[Span]:
    """Return parts in the words of the corpus."""
    for before, part, behind in zip([None, *parts], parts, [*parts[1:], None], strict=False):
        label = _label(part, behind)
        if before and before.kind == "building" and _is_small_door(part, behind):
            label = "cellno"
        # a village in a village is a place there: 诸葛行政村诸葛村
        if before and before.kind == part.kind == "community":
            label = "poi"
        if label == "roadno" and (dash := _house_behind_plate(part.text)):
            yield Span("roadno", part.span[0], part.span[0] + dash)
            yield Span("houseno", part.span[0] + dash + 1, part.span[1])
        elif label in _INNER and (shop := _SHOP.search(part.text)):
            yield Span(label, part.span[0], part.span[0] + shop.start())
            yield Span("redundant", part.span[0] + shop.start(), part.span[1])
        elif label == "road" and (section := _SECTION.search(part.text)):
            yield Span("road", part.span[0], part.span[0] + section.start())
            yield Span("subroad", part.span[0] + section.start(), part.span[1])
        else:
            yield Span(label, *part.span)


def _is_small_door(part: Component, behind: Component | None) -> bool:
    """Tell whether a part is what the guide takes for a unit: a door of one or two digits in a building, 3栋16号."""
    return part.kind == "room" and len(part.value) <= len("16") and (behind is None or behind.kind != "room")


def _house_behind_plate(number: str) -> int:
    """Return where the dash is in a number that the corpus takes for a plate and a house: 120-16号.

    The range of one plate (131-135号) and its first few sub-numbers (2-1号) are one number there too.
    """
    found = re.match(r"([0-9]+)[-－—]+([0-9]+)号?$", number)
    if not found:
        return 0
    first, second = int(found[1]), int(found[2])
    return 0 if first < second <= first + _RANGE or second <= _SUB_NUMBERS else found.end(1)


def _label(part: Component, behind: Component | None) -> str:
    """Return the label for a part in front of another."""
    if part.kind == "province" and part.value.startswith(MUNICIPALITIES):
        return "city"
    if part.kind == "lane" and behind is not None and behind.kind == "number":
        return "road"
    return KINDS[part.kind]


def compared(text: str, spans: Iterable[Span]) -> Counter[Span]:
    """Return spans as they are compared: second roads and places are roads and places, edges are trimmed."""
    return Counter(_trimmed(text, span._replace(label=SECOND.get(span.label, span.label))) for span in spans)


def joined(spans: Iterable[Span], *, only: Container[tuple[int, int]] | None = None) -> Iterator[Span]:
    """Return the spans with places that follow upon each other as one: 春风里 and 东区 are 春风里东区.

    If only some are to be joined to those before, these are their starts and ends.
    """
    last: Span | None = None
    for span in spans:
        is_joined = only is None or (span.start, span.end) in only
        if is_joined and last and last.end == span.start and {last.label, span.label} <= {"poi", "subpoi"}:
            last = Span("poi", last.start, span.end)
            continue
        if last:
            yield last
        last = span
    if last:
        yield last


def _trimmed(text: str, span: Span) -> Span:
    """Return a span without what parts words at its ends."""
    start, end = span.start, span.end
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    return Span(span.label, start, end)


def figures(corpus: Iterable[tuple[str, list[Span]]]) -> dict[str, Figures]:
    """Return figures by label, and under ``poi (joined)`` those of places whose names are not parted."""
    counts = {name: Counter[str]() for name in ("marked", "told", "right")}
    for text, spans in corpus:
        ours = list(told(text))
        for alike in (False, True):
            one, other = (compared(text, joined(side) if alike else side) for side in (spans, ours))
            for name, found in (("marked", one), ("told", other), ("right", one & other)):
                for span, count in found.items():
                    if not alike or span.label == "poi":
                        counts[name][f"{span.label} (joined)" if alike else span.label] += count
    labels = [*TARGETS, "poi (joined)", *OTHERS]
    return {label: Figures(*(counts[name][label] for name in ("marked", "told", "right"))) for label in labels}


def total(found: dict[str, Figures]) -> Figures:
    """Return the figures of all target labels together."""
    return Figures(*(sum(column) for column in zip(*(found[label] for label in TARGETS), strict=True)))


def table(found: dict[str, Figures]) -> str:
    """Return the table to print."""
    lines = ["| label | marked | told | precision | recall | F1 |", "|---|---:|---:|---:|---:|---:|"]
    for label, one in [*found.items(), ("all targets", total(found))]:
        shares = f"{one.precision:.3f} | {one.recall:.3f} | {one.f1:.3f}"
        lines.append(f"| {label} | {one.marked} | {one.told} | {shares} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print the table; a missing corpus is said, and no failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default="dev", choices=["dev", "train"])
    beside = Path(__file__).parents[3] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GRIDMAP_SHARED_DATA", beside)))
    options = parser.parse_args(arguments)
    path = options.data / CORPUS / f"{options.part}.txt"
    if not path.exists():
        sys.stdout.write("not measured: the labelled addresses are not beside this checkout\n")
        return 0
    corpus = list(addresses(path))
    begun = time.process_time()
    found = figures(corpus)
    each = (time.process_time() - begun) / len(corpus)
    sys.stdout.write(
        f"{table(found)}\n\n{len(corpus)} addresses ({options.part}), {each * 1e6:.0f} us each with scoring\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
