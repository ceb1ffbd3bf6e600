"""How far a deletion request has come: a page for people, JSON for programs.

The page loads nothing, runs nothing and may stand in no frame.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from idweave_adapters.ingress.replies import KAFKA_RETRY_S, Reply
from idweave_adapters.receipts import Receipt, ReceiptState

_STYLE: Final = (
    ":root{color-scheme:light dark;font:1.125rem/1.6 system-ui,sans-serif}"
    "body{margin:0 auto;max-width:36rem;padding:2rem 1.25rem}"
    "h1{font-size:1.5rem;line-height:1.25}"
    "code{font-size:1rem;overflow-wrap:anywhere}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
}
_HEADERS: Final[Mapping[str, str]] = {
    "Vary": "Accept",
    "Referrer-Policy": "no-referrer",  # the address holds the code
    "X-Robots-Tag": "noindex",
}
_PAGE: Final = (
    "<!doctype html>\n"
    '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>{style}</style>\n</head>\n"
    "<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    "<p>Confirmation code: <code>{code}</code></p>\n</main>\n</body>\n</html>\n"
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is said of one code."""

    status: int
    state: str
    title: str
    text: str
    received_at: str | None = None
    done_at: str | None = None


_UNKNOWN: Final = _Standing(
    404,
    "unknown",
    "No such deletion request",
    "No request is on record under this code. Check that the address is complete.",
)
_NOT_YET: Final = _Standing(
    503,
    "unavailable",
    "Not available at the moment",
    "What is on record is being read. Load this page again in a minute.",
)


def status_reply(
    code: str, receipt: Receipt | None, *, is_known: bool, accept: str
) -> Reply:
    """Return what is answered to somebody who asks about *code*.

    Args:
        code: letters and digits only.
        receipt: what is known of it.
        is_known: whether that is all that is on record.
        accept: the Accept header; a page unless JSON is wanted rather than HTML.
    """
    if receipt is not None:
        standing = _standing(receipt)
    else:
        standing = _UNKNOWN if is_known else _NOT_YET
    headers = dict(_HEADERS)
    if standing is _NOT_YET:
        headers["Retry-After"] = str(KAFKA_RETRY_S)
    if wants_json(accept):
        return Reply(standing.status, _document(code, standing), headers)
    return Reply(standing.status, _page(code, standing), {**headers, **_PAGE_HEADERS})


def wants_json(accept: str) -> bool:
    """Say whether JSON is named, and HTML is not named as just as good."""
    weights = dict(_weight(part) for part in accept.split(","))
    json = weights.get("application/json", 0.0)
    return json > weights.get("text/html", 0.0)


def _weight(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip() for piece in part.lower().split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return kind, float(value)
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def _standing(receipt: Receipt) -> _Standing:
    received = _time(receipt.asked_ms)
    if receipt.done_ms is None:
        return _Standing(
            200,
            ReceiptState.RECEIVED,
            "Deletion request received",
            f"Your request was received on {_shown(received)} and will be carried out. "
            "This page will say when it has been.",
            _iso(received),
        )
    done = _time(receipt.done_ms)
    return _Standing(
        200,
        ReceiptState.DONE,
        "Deletion request carried out",
        f"Your request was received on {_shown(received)} and carried out on "
        f"{_shown(done)}.",
        _iso(received),
        _iso(done),
    )


def _document(code: str, standing: _Standing) -> Mapping[str, str | None]:
    return {
        "confirmation_code": code,
        "state": standing.state,
        "received_at": standing.received_at,
        "done_at": standing.done_at,
    }


def _page(code: str, standing: _Standing) -> str:
    return _PAGE.format(
        title=standing.title, style=_STYLE, text=standing.text, code=code
    )


def _time(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms // 1000, UTC)


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(time: datetime) -> str:
    text = f"{time.day} {time:%B %Y, %H:%M} UTC"
    return f'<time datetime="{_iso(time)}">{text}</time>'
