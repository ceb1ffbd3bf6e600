"""Requests of somebody who means harm, drawn at random."""

import base64
from dataclasses import dataclass
from random import Random
from typing import Final
from urllib.parse import quote

import orjson
from tests.adapters.api.neighbours import OUR_APP, OUR_PAGE, THEIR_IDS, THEIRS

from idweave_adapters.api import ROUTES


def cursor(place: str | bytes) -> str:
    """A cursor as ours are made."""
    raw = place if isinstance(place, bytes) else place.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


PLAIN: Final = (
    *("", ".", "..", "../../etc/passwd", "%", "\0", "é", "💥", "-1", "0", "1", "1000"),
    *(
        "1001",
        "1e3",
        "9" * 5000,
        "true",
        "null",
        "{}",
        "' OR 1=1 --",
        "start",
        "start\n",
    ),
    *("p_", "p_" + "f" * 32, "p_" + "g" * 32, "P_" + "F" * 32, "p_" + "0" * 33),
    *("app:10:", "app::", "code:zz", "token:", "token:" + "x" * 600, "app:1:2:3"),
    *("0" * 16 + "-0", "0" * 16 + "-" + "9" * 16, "-".join("1" * 99)),
    *(str(THEIRS), f"{THEIRS}\0app", *map(str, THEIR_IDS), str(OUR_APP), str(OUR_PAGE)),
    *(each.split(":")[-1] for each in map(str, THEIR_IDS)),
    *(cursor(f"{THEIRS}\0{who}") for who in THEIR_IDS),
    *(cursor(x) for x in (b"\xff\xfe", b"..\0\0\0\xc2\x80", b"", b"9" * 3000, b"-1")),
    *(cursor(f"\0\0{str(who)[:-1]}") for who in THEIR_IDS[:2]),
)
RAW: Final = (
    *("%00", "%ff", "%2e%2e%2f", "%2e%2e/", "..%2f..", "%c0%ae%c0%ae%2f", "%c0%af"),
    *("%e0%80%af", "%ed%a0%80", "%252e%252e", "%u002e", "%0d%0aSet-Cookie:x=1", "+"),
    *("//", "/./", "/../", "\\..\\", ";a=b", "?", "#", "%3f", "a" * 7000, "%41" * 2000),
)
NAMES: Final = (
    *("business", "cursor", "limit", "q", "one", "two", "after", "nobody", "", "id"),
    *("person", "business[]", "Business", "limit ", "__proto__", "%00", "access_token"),
)
_NESTED: Final = b"[" * 5000 + b"]" * 5000
_OVER: Final = orjson.dumps({"ids": ["app:1:2"] * 1001})
BODIES: Final = (
    *(b"", b"{", b"[", b"null", b"0", b'""', b"NaN", b"1e999", b"{}", b'{"ids":{}}'),
    *(b'{"ids":[]}', b'{"ids":[null]}', b'{"ids":[["app:1:2"]]}', b'{"ids":"app:1:2"}'),
    *(b"[" * 10_000, _NESTED, b'{"ids":' + _NESTED + b"}", b'{"a":' * 3000 + b"1"),
    *(b"\xff\xfe\x00", b'\xef\xbb\xbf{"ids":["app:1:2"]}', b'{"ids":["\\ud800"]}'),
    *(b'{"ids":["app:1:2\\u0000"]}', b'{"ids":["' + b"9" * 100_000 + b'"]}', _OVER),
    b'{"ids":["app:1:2"],"ids":["%s"]}' % str(THEIR_IDS[0]).encode(),
    b'{"ids":["app:1:2"],"business":"%s"}' % THEIRS.encode(),
    b'{"__proto__":{"business":"%s"},"ids":["app:1:2"]}' % THEIRS.encode(),
    orjson.dumps({"ids": list(map(str, THEIR_IDS))}),
    '{"ids":["app:1:2"]}'.encode("utf-16"),
    b" " * 1_100_000,
)
TYPES: Final = (
    *("application/json", "application/json; charset=utf-16", "text/plain", "x", ""),
    *("application/json, text/plain", "multipart/form-data; boundary=x", "*/*"),
)
HEADERS: Final = (
    *(("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "evil.example")),
    *(("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/v1/persons")),
    *(("X-Rewrite-URL", f"/v1/overview?business={THEIRS}"), ("X-Business", THEIRS)),
    *(("Range", "bytes=0-1"), ("If-None-Match", "*"), ("Accept", "text/html;q=x")),
    *(("Accept-Encoding", "gzip;q=1e9"), ("Content-Encoding", "gzip"), ("TE", "x")),
    *(
        ("Last-Event-ID", "; --"),
        ("Cookie", "a=" + "b" * 4000),
        ("Host", "evil.example"),
    ),
    *(("Authorization", "Bearer second"), ("Proxy-Authorization", "Bearer x")),
    *(
        ("Expect", "nothing"),
        ("Upgrade", "h2c"),
        ("Connection", "close, Authorization"),
    ),
    *(("X-Long", "x" * 7000), ("Origin", "null"), ("Content-Length", "0")),
)
METHODS: Final = (
    *(*("GET",) * 8, *("POST",) * 4, "PUT", "DELETE", "OPTIONS", "TRACE"),
    *("PATCH", "get", "PROPFIND", "QUERY"),
)
_TEMPLATES: Final = [route.template for route in ROUTES]
_OTHERS: Final = ("/", "/v1", "/v1/", "/v2/persons", "/metrics", "/explorer/", "/.git")


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request, all but the credential."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


def drawn(random: Random) -> Hostile:
    """Make one up."""
    is_bare = random.random() < 0.05
    path = random.choice(_OTHERS if is_bare else _TEMPLATES)
    for name in ("{person}", "{id}"):
        path = path.replace(name, _text(random))
    if random.random() < 0.1:
        path += random.choice(RAW)
    count = random.choice((0, 0, 1, 1, 2, 3, 20))
    pairs = [f"{random.choice(NAMES)}={_text(random)}" for _ in range(count)]
    method = random.choice(METHODS)
    has_body = method in ("POST", "PUT", "PATCH") and random.random() < 0.9
    some = random.sample(HEADERS, random.choice((0, 0, 0, 1, 2)))
    headers = [each for each in some if each[0] != "Content-Length" or not has_body]
    if has_body:
        kind = random.choice(TYPES) if random.random() < 0.2 else TYPES[0]
        headers.append(("Content-Type", kind))
    return Hostile(
        method,
        (path + ("?" + "&".join(pairs) if pairs else "")).replace(" ", "%20"),
        tuple(headers),
        _body(random) if has_body else None,
    )


def _text(random: Random) -> str:
    if random.random() < 0.15:
        return random.choice(RAW)
    return quote(random.choice(PLAIN), safe="")


def _body(random: Random) -> bytes:
    found = random.choice(BODIES)
    if random.random() < 0.8 or not found:
        return found
    cut = random.randrange(len(found))
    return found[:cut] + random.randbytes(1) + found[cut + 1 :]
