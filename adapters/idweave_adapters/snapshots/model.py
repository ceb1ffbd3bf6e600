"""What the tables of a snapshot hold, as data.

The Parquet schema, the views of `idweave query` and the data dictionary come from here.
A column may be added at any time; taking one away, or changing what it means, is a new
version of the format.
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What is in a column, and what the data dictionary calls it."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time, UTC, to the millisecond"
    TEXTS = "list of texts"


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    meaning: str
    is_optional: bool = False
    """It may be null."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `business` is its first column, by which its files are partitioned."""

    name: str
    meaning: str
    """What one row stands for."""
    columns: tuple[Column, ...]


_BUSINESS = Column("business", Kind.TEXT, "The business whose graph it is in.")
_CAUSE = (
    Column("cause_topic", Kind.TEXT, "The topic of the record that it goes back to."),
    Column("cause_partition", Kind.INTEGER, "The partition of that record."),
    Column("cause_offset", Kind.INTEGER, "The offset of that record."),
)
_EVENT = (
    _BUSINESS,
    Column("event", Kind.TEXT, "The id of the event that told it."),
    Column("told", Kind.TIME, "When it happened, in event time."),
)
_REASON = Column("reason", Kind.TEXT, "Why, as the event says it.")
_FREE_WORDS = (
    Column("said", Kind.TIME, "When the operator said it."),
    Column("author", Kind.TEXT, "Who said it."),
    Column("reason", Kind.TEXT, "Why; empty under pseudonyms."),
)
_PROOF = (
    _BUSINESS,
    Column("person", Kind.TEXT, "The person who holds the proof."),
    Column("kind", Kind.TEXT, "Where the proof comes from."),
    Column("a", Kind.TEXT, "One member that it joins; the text form of `members`."),
    Column("b", Kind.TEXT, "The other one."),
    Column("learned", Kind.TIME, "When it was learned, in event time."),
    Column("epoch_a", Kind.INTEGER, "The ownership epoch of `a`; 0 for a token."),
    Column("epoch_b", Kind.INTEGER, "The ownership epoch of `b`; 0 for a token."),
    *_CAUSE,
)
_UNKNOWN = "null where nobody has that id any more"

PERSONS = Table(
    "persons",
    "A person, as the graph of one business knows them at the cut.",
    (
        _BUSINESS,
        Column("person", Kind.TEXT, "The person id."),
        Column("generation", Kind.INTEGER, "Grows with each change of the person."),
        Column("members", Kind.INTEGER, "How many rows of `members` they have."),
        Column("scoped_ids", Kind.INTEGER, "How many of these are ids of apps, Pages."),
        Column("proofs", Kind.INTEGER, "How many rows of `evidence` they have."),
        Column("quarantined", Kind.INTEGER, "How many rows of `quarantine` they have."),
        Column("first_seen", Kind.TIME, "When the first member was first seen.", True),
        Column("last_gained", Kind.TIME, "When the last one was first seen.", True),
        Column("absorbed", Kind.TEXTS, "Ended person ids that stand for them now."),
    ),
)
MEMBERS = Table(
    "members",
    "A scoped id, business token or linking code of a person.",
    (
        _BUSINESS,
        Column("person", Kind.TEXT, "Whose it is."),
        Column("member", Kind.TEXT, "`app:<app>:<user>`, `page:<page>:<user>`, "
               "`token:<value>` or `code:<hash>`."),
        Column("kind", Kind.TEXT, "`app`, `page`, `token` or `code`."),
        Column("asset", Kind.TEXT, "The app or Page; null for others.", True),
        Column("value", Kind.TEXT, "The user id, token, or hash of the code."),
        Column("first_seen", Kind.TIME, "When it was first seen or proved."),
        Column("sighted", Kind.TIME, "When it was first seen itself; null where only "
               "proofs speak for it.", True),
        Column("epoch", Kind.INTEGER, "The ownership epoch that it was seen under; 0 "
               "for a token, or where it is not known."),
    ),
)  # fmt: skip
EVIDENCE = Table("evidence", "A proof that holds a person together.", _PROOF)
QUARANTINE = Table(
    "quarantine",
    "A proof that contradicts others and does not count; once for each person who "
    "holds it.",
    _PROOF,
)
MERGES = Table(
    "merges",
    "A person id that has ended in another person, by one event.",
    (
        *_EVENT,
        _REASON,
        Column("survivor", Kind.TEXT, "The person who stands for it from then on."),
        Column("ended", Kind.TEXT, "The person id that has ended."),
        Column("came_along", Kind.BOOLEAN, "It had ended before, in one who ends now."),
        Column("generation", Kind.INTEGER, "The generation of the survivor then."),
        *_CAUSE,
    ),
)
SPLITS = Table(
    "splits",
    "A part into which persons fell; parts of one split have one cause.",
    (
        *_EVENT,
        _REASON,
        Column("person", Kind.TEXT, "The person who this part is."),
        Column("members", Kind.INTEGER, "How many members this part had then."),
        Column("generation", Kind.INTEGER, "The generation of the person then."),
        *_CAUSE,
    ),
)
REFUSALS = Table(
    "refusals",
    "A link that would have crossed the boundary of the business.",
    (
        *_EVENT,
        _REASON,
        Column("person", Kind.TEXT, "Whose id was asked about, if known.", True),
        Column("subject", Kind.TEXT, f"The id; {_UNKNOWN}.", True),
        Column("other", Kind.TEXT, "The app or Page that it would have linked to."),
        *_CAUSE,
    ),
)
BANS = Table(
    "bans",
    "What was said about whether two ids may be one person; the last one counts.",
    (
        *_EVENT,
        Column("a", Kind.TEXT, f"One id; {_UNKNOWN}.", True),
        Column("b", Kind.TEXT, "The other one, alike.", True),
        Column("lifted", Kind.BOOLEAN, "They may be one person again."),
        *_FREE_WORDS,
        *_CAUSE,
    ),
)
DECISIONS = Table(
    "decisions",
    "What was said about the proofs between two members; the last one counts.",
    (
        *_EVENT,
        Column("a", Kind.TEXT, f"One member; {_UNKNOWN}.", True),
        Column("b", Kind.TEXT, "The other one, alike.", True),
        Column("verdict", Kind.TEXT, "`accept`, `reject`, `reopen` or `link`."),
        *_FREE_WORDS,
        *_CAUSE,
    ),
)
TABLES = (
    PERSONS, MEMBERS, EVIDENCE, QUARANTINE, MERGES, SPLITS, REFUSALS, BANS, DECISIONS
)  # fmt: skip
"""All of them, in the order of the data dictionary."""
