"""What can be asked about service places: whom they reach, and whether their floor space and staff keep the norms."""

from __future__ import annotations

from gridmap.api import deps
from gridmap.api.answers import JSON
from gridmap.api.auth import READ
from gridmap.api.deps import Parameter
from gridmap.api.patrols_parameters import AREA
from gridmap.api.patrols_routes import later
from gridmap.api.routes import Operation
from gridmap.api.services_examples import COVERAGE
from gridmap.errors import InputError

#: Minutes that may be asked about, and how many numbers of them.
MOST_MINUTES, MOST_NUMBERS = 60, 5


def _minutes(text: str) -> tuple[float, ...]:
    """Return numbers of minutes in order, each once."""
    parts = text.split(",")[: MOST_NUMBERS + 1]
    found = tuple(sorted({deps.number("minutes")(part.strip()) for part in parts}))
    if len(parts) > MOST_NUMBERS or not all(1 <= number <= MOST_MINUTES for number in found):
        raise InputError(
            f"minutes={text[:40]!r}",
            expected=f"1 to {MOST_MINUTES}, at most {MOST_NUMBERS} of them",
            code="no_minutes",
            values={"most": MOST_MINUTES, "count": MOST_NUMBERS},
        )
    return found


MINUTES = Parameter(
    name="minutes",
    parse=_minutes,
    schema={"type": "string"},
    meaning="minutes on foot, several with commas between; 5,10,15 without",
    example="5,10,15",
)

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/coverage/services",
        needs=READ,
        summary="Whom service places reach on foot, and their floor space and staff beside the norms",
        description=(
            "Of an area and its children, kind by kind: `share` of the households whose way along streets takes no "
            "longer than so many minutes, and whether the `norm` is `kept`; `floor_m2_per_100` households and "
            "`staff_per_10000` residents of the places inside. Norms hold for the kind `all`. What nobody knows is "
            "null. The ETag is the version."
        ),
        answer=later("services", "service_coverage"),
        takes=(AREA, MINUTES, deps.ON),
        gives={JSON: COVERAGE},
        refusals=(404,),
        tag="services",
    ),
)
