"""What the digits of degrees tell: too few of them to tell a corner, or minutes and seconds in one number."""

from __future__ import annotations

import numpy as np

from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Numbers

#: Decimal places below which corners are off by centimetres: of degrees 7 are 1 cm, of seconds 4 are 3 mm.
DECIMALS = 7
#: How degrees may be written: parts of a degree, metres of such a part, and the places that it needs.
_FORMS = ((1, 111_320.0, DECIMALS), (3600, 111_320.0 / 3600, 4))
_SIXTY = 60


def warn_of_decimals(first: Numbers, second: Numbers, notes: Notes) -> None:
    """Warn of degrees that are written with too few decimal places, of degrees or of seconds, to tell a corner.

    Parameters
    ----------
    first, second
        Degrees, shape (points,).
    notes
        Where ``W_TOO_FEW_DECIMALS`` is noted.

    Raises
    ------
    None
    """
    numbers = np.concatenate([first, second])
    for parts, metres, enough in _FORMS:
        for places in range(enough):
            if np.abs(np.round(numbers * parts, places) - numbers * parts).max() < 1e-10 * parts:
                off = metres * 0.5 * 10.0**-places
                unit = "degrees" if parts == 1 else "seconds"
                message = (
                    f"{unit} have {places} decimal places, so that corners are off by up to {off:.2g} m, and areas by "
                    f"square metres; expected {enough} or more: export the file again"
                )
                notes.warn("W_TOO_FEW_DECIMALS", message, off=off)
                return


def warn_of_minutes(first: Numbers, second: Numbers, line: int, notes: Notes) -> None:
    """Warn of degrees whose digits behind the point could be minutes and seconds: 120.1256 for 120 degrees 12' 56".

    Of a small parcel nothing more can be said: its decimal degrees look so by chance once in seven times.

    Parameters
    ----------
    first, second
        Degrees, shape (points,).
    line
        Where the first of them stands.
    notes
        Where ``W_POSSIBLY_SEXAGESIMAL`` is noted.

    Raises
    ------
    None
    """
    # to the sixth place, so that 0.1 has not become 0.0999999
    digits = np.floor(np.abs(np.concatenate([first, second])) * 1e4 + 1e-6).astype(np.int64)
    if (digits % 100 < _SIXTY).all() and (digits // 100 % 100 < _SIXTY).all():
        message = (
            f"read as decimal degrees, but the digits of {first[0]:.10g} could be minutes and seconds, "
            "which would lie up to 40 km off and be twice to three times as long: compare with the declared area or a "
            "map, and convert the file if they are"
        )
        notes.warn("W_POSSIBLY_SEXAGESIMAL", message, line)
