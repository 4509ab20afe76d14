"""Counts of requests in the text format that Prometheus reads."""

from __future__ import annotations

import resource
from bisect import bisect_left
from collections.abc import Iterator

#: Upper ends of the time classes, in seconds.
BUCKETS_S = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)

TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Requests by route, method and status, and the time they took.

    Routes are counted by their pattern, never by the address asked for: a metric is no log of who was looked up.
    """

    def __init__(self) -> None:
        self.in_work = 0
        self._requests: dict[tuple[str, str, int], int] = {}
        self._times: dict[str, list[float]] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request that is over."""
        key = (route, method, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = [0.0] * (len(BUCKETS_S) + 2)
        times[_bucket(seconds)] += 1
        times[-1] += seconds

    def text(self, *, version: int | None) -> str:
        """Return all counts.

        Parameters
        ----------
        version
            Revision of the territory that answers today; None if there is none.
        """
        return "\n".join([*self._lines(version), ""])

    def _lines(self, version: int | None) -> Iterator[str]:
        yield "# HELP gridmap_http_requests_total Requests answered."
        yield "# TYPE gridmap_http_requests_total counter"
        for (route, method, status), number in sorted(self._requests.items()):
            labels = f'route="{route}",method="{method}",status="{status}"'
            yield f"gridmap_http_requests_total{{{labels}}} {number}"
        yield "# HELP gridmap_http_request_seconds Time from the request's head to the end of its answer."
        yield "# TYPE gridmap_http_request_seconds histogram"
        for route, times in sorted(self._times.items()):
            yield from _histogram(route, times)
        yield "# HELP gridmap_http_in_work Requests being answered now."
        yield "# TYPE gridmap_http_in_work gauge"
        yield f"gridmap_http_in_work {self.in_work}"
        yield "# HELP gridmap_territory_version Revision of the record that answers today; -1 if nothing is in force."
        yield "# TYPE gridmap_territory_version gauge"
        yield f"gridmap_territory_version {-1 if version is None else version}"
        used = resource.getrusage(resource.RUSAGE_SELF)
        yield "# HELP process_cpu_seconds_total User and system CPU time."
        yield "# TYPE process_cpu_seconds_total counter"
        yield f"process_cpu_seconds_total {used.ru_utime + used.ru_stime:.3f}"


def _bucket(seconds: float) -> int:
    """Position of the time class of a duration; the one after the last bound has no upper end."""
    return bisect_left(BUCKETS_S, seconds)


def _histogram(route: str, times: list[float]) -> Iterator[str]:
    total = 0.0
    for bound, number in zip((*BUCKETS_S, "+Inf"), times, strict=False):
        total += number
        yield f'gridmap_http_request_seconds_bucket{{route="{route}",le="{bound}"}} {total:.0f}'
    yield f'gridmap_http_request_seconds_sum{{route="{route}"}} {times[-1]:.6f}'
    yield f'gridmap_http_request_seconds_count{{route="{route}"}} {total:.0f}'
