"""Addresses as people write and say them, made from true ones: the noise that an address matcher is examined by.

`questions(world, seed, count)` gives every kind as often as the others within its group. A text is only asked when it
still means one place of the world. The kinds of noise stand in `address_kinds`, those that have no answer in
`address_refusals`; what is right for each stands in `address_verdicts`.

    python -m tests.benchmarks.address_noise [SEED] [COUNT]     prints examples of every kind
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from tests.benchmarks.address_drafts import Draft, Place, pick
from tests.benchmarks.address_kinds import ALL_FORMS, NOISES, Noise
from tests.benchmarks.address_refusals import AMBIGUOUS, ELSEWHERE, REFUSALS
from tests.benchmarks.address_verdicts import Question
from tests.benchmarks.address_world import World, world

#: shares of the groups
ANSWERABLE, UNANSWERABLE = 0.7, 0.25
#: Noises that may be mixed: one of a step at most, in this order.
STEPS: tuple[tuple[str, ...], ...] = (
    ("no_road", "no_compound", "order_slip", "wrong_town", "former_town", "wrong_community"),
    # before a name slips: which names stand near depends on whether the district is still told
    ("no_divisions", "short_divisions", "redundant_divisions"),
    ("homophone", "look_alike", "dropped", "swapped", "inserted"),
    ("chinese_numerals", "formal_numerals", "hash", "building_word", "dash"),
    ("remark", "phone", "relation", "room_tail"),
    ("full_width", "traditional", "radicals"),
)


def mixed(count: int) -> Callable[[random.Random, Place], Question | None]:
    """Questions with so many noises at once."""

    def make(chance: random.Random, place: Place) -> Question | None:
        steps = sorted(chance.sample(range(len(STEPS)), count))
        names = [chance.choice(STEPS[step]) for step in steps]
        return _asked(chance, place, f"mix{count}", [NOISES[name] for name in names])

    return make


def _asked(
    chance: random.Random, place: Place, kind: str, noises: list[tuple[Noise, tuple[str, ...]]]
) -> Question | None:
    """One question with these noises, None where they do not apply or leave the place in doubt."""
    forms = [form for form in ALL_FORMS if all(form in allowed for _, allowed in noises)]
    if not forms:
        return None
    draft = Draft(pick(chance, place, forms))
    if all(noise(chance, place, draft) for noise, _ in noises):
        return place.question(draft, kind)
    return None


def _single(kind: str) -> Callable[[random.Random, Place], Question | None]:
    return lambda chance, place: _asked(chance, place, kind, [NOISES[kind]])


#: Makers by group and kind.
MAKERS = {
    "answerable": {kind: _single(kind) for kind in NOISES} | {f"mix{n}": mixed(n) for n in (2, 3, 4)} | ELSEWHERE,
    "unanswerable": REFUSALS,
    "ambiguous": AMBIGUOUS,
}
#: Tries after which a kind is given up: a world may have no two roads of one name.
TRIES = 400


def questions(made: World, seed: int, count: int) -> list[Question]:
    """So many questions about a world, shuffled; every kind as often as the others of its group.

    Seven of ten have an answer, a quarter have none, the rest have several.
    """
    chance = random.Random(f"questions {seed}")
    place = Place(made)
    shares = {"answerable": ANSWERABLE, "unanswerable": UNANSWERABLE, "ambiguous": 1 - ANSWERABLE - UNANSWERABLE}
    found: list[Question] = []
    for group, makers in MAKERS.items():
        each = max(1, round(shares[group] * count / len(makers)))
        for maker in makers.values():
            found += _many(chance, place, maker, each)
    chance.shuffle(found)
    return found


def _many(
    chance: random.Random, place: Place, make: Callable[[random.Random, Place], Question | None], count: int
) -> list[Question]:
    """So many different questions of one kind, fewer where the world has no more."""
    found: dict[str, Question] = {}
    for _ in range(TRIES * count):
        if len(found) == count:
            break
        if asked := make(chance, place):
            found.setdefault(asked.query, replace(asked))
    return list(found.values())


def main(arguments: list[str]) -> None:
    """Print some questions of every kind."""
    seed, count = (int(arguments[k]) if len(arguments) > k else value for k, value in enumerate((1, 200)))
    found = questions(world(seed), seed, count)
    for question in sorted(found, key=lambda question: question.kind):
        print(f"{question.kind:20} {question.expects:10} {question.query[:90]!r}")
    print(Counter(question.group for question in found))


if __name__ == "__main__":
    main(sys.argv[1:])
