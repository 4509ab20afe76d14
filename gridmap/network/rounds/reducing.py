"""The same task on fewer edges: without dead ends that nobody needs, with chains of edges as one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.network.rounds.task import Task

Ints = npt.NDArray[np.int64]


@dataclass(kw_only=True)
class _Chain:
    """Edges that are walked from one end to the other or not at all."""

    #: the nodes at its ends
    ends: tuple[int, int]
    #: edges of the task
    members: list[int]
    #: whether it must be walked
    required: bool


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """A smaller task, and what its edges stand for."""

    #: the smaller task
    task: Task
    #: edges of the task that each of its edges stands for
    members: list[list[int]]

    def spread(self, extra: Ints, count: int) -> Ints:
        """Return how often each of ``count`` edges of the task is walked, if those of the smaller one are so often."""
        found = np.zeros(count, dtype=np.int64)
        for times, members in zip(extra.tolist(), self.members, strict=True):
            found[members] += times
        return found


def reduced(task: Task) -> Reduced:
    """Return a task with rounds of the same least length on fewer edges.

    Raises
    ------
    Nothing
        What cannot be made smaller stays as it is.
    """
    chains: dict[int, _Chain] = {
        edge: _Chain(ends=(a, b), members=[edge], required=bool(task.required[edge]))
        for edge, (a, b) in enumerate(task.ends.tolist())
        if a != b or task.required[edge]
    }
    at: list[set[int]] = [set() for _ in range(task.nodes)]
    for edge, chain in chains.items():
        for node in chain.ends:
            at[node].add(edge)
    waiting = [node for node in range(task.nodes - 1, -1, -1) if node != task.home]
    while waiting:
        node = waiting.pop()
        gone = _simpler(chains, at, node)
        waiting += [end for end in gone if end != task.home]
    return _smaller(task, list(chains.values()))


def _simpler(chains: dict[int, _Chain], at: list[set[int]], node: int) -> list[int]:
    """Take away a dead end at a node, or join the two chains that meet there; the nodes that this may make simpler."""
    here = sorted(at[node])
    met = [chains[edge] for edge in here]
    if len(here) == 1 and not met[0].required:
        return _removed(chains, at, here[0])
    loops = any(chain.ends[0] == chain.ends[1] for chain in met)
    if len(here) != 2 or loops or met[0].required != met[1].required:  # noqa: PLR2004  (two chains make one)
        return []
    outer = [chain.ends[0] if chain.ends[1] == node else chain.ends[1] for chain in met]
    joined = _Chain(ends=(outer[0], outer[1]), members=met[0].members + met[1].members, required=met[0].required)
    for edge in here:
        _removed(chains, at, edge)
    if outer[0] == outer[1] and not joined.required:
        return outer[:1]
    chains[here[0]] = joined
    for end in outer:
        at[end].add(here[0])
    return outer


def _removed(chains: dict[int, _Chain], at: list[set[int]], edge: int) -> list[int]:
    """Take a chain away; its ends."""
    ends = chains.pop(edge).ends
    for end in ends:
        at[end].discard(edge)
    return list(ends)


def _smaller(task: Task, chains: list[_Chain]) -> Reduced:
    """The task of these chains, on the nodes that they meet at."""
    nodes, number = np.unique([task.home, *(end for chain in chains for end in chain.ends)], return_inverse=True)
    members = [chain.members for chain in chains]
    smaller = Task(
        ends=number[1:].reshape(-1, 2),
        length_m=np.array([task.length_m[edges].sum() for edges in members]),
        required=np.array([chain.required for chain in chains], dtype=bool),
        home=int(number[0]),
        nodes=len(nodes),
    )
    return Reduced(task=smaller, members=members)
