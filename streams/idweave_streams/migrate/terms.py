"""The terms of Meta's Page-Scoped ID API: how long, since when, and for how many.

All of them from the Page-Scoped ID API document.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from idweave_adapters.graph_api.versions import PAGES_ID_MAPPING, Version, refusal

END = date(2021, 5, 5)
"""From this day on no version has it."""
WINDOW = timedelta(days=180)
"""From the day that the app passed App Review."""
MAX_CONVERSIONS = 5_000_000
FANS_PER_CONVERSION = 100

_DECLARE = (
    "nothing was asked; say --declared-supported if graph_api_url is a simulator or a"
    " replay that has it"
)


def quota_of(stated: int | None, fans: int | None) -> int:
    """How many ids may be converted: as stated, or as the document reckons it.

    That is 5 million or one percent of the fans of all Pages of the app, whichever is
    less. Where nobody tells the fans, the platform has to stop us.
    """
    if stated is not None:
        return stated
    if fans is None:
        return MAX_CONVERSIONS
    return min(MAX_CONVERSIONS, fans // FANS_PER_CONVERSION)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one run."""

    version: str
    quota: int
    approved_on: date | None = None
    """When the app passed App Review; None: nobody has said."""
    is_declared: bool = False
    """Somebody has said that the call is there, in spite of version and day."""

    def objection(self, today: date) -> str | None:
        """Why nothing may be asked *today* and what to do about it, None if it may."""
        if not self.is_declared:
            too_new = refusal(Version.parse(self.version), PAGES_ID_MAPPING)
            if too_new is not None:
                return f"{too_new}; {_DECLARE}"
            if today >= END:
                return f"pages_id_mapping is gone since {END}; {_DECLARE}"
        days = self.days_left(today)
        if days is not None and days <= 0:
            return (
                f"the 180 days since App Review on {self.approved_on} are over; the app"
                " gets PSIDs by itself and its ASIDs can't be mapped any more"
            )
        return None

    def days_left(self, today: date) -> int | None:
        """How many days remain with *today*; None if nobody said when it began."""
        if self.approved_on is None:
            return None
        return (self.approved_on + WINDOW - today).days
