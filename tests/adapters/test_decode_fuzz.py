"""Whatever comes in, decoding answers, and what is no person never becomes one."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import webhook_samples as samples
from tests.support.webhook_samples import Sample, body, entry

from idweave_adapters.logins import decode_login
from idweave_adapters.observations import DeadLetterCode, Decoded, IgnoreReason
from idweave_adapters.signed_request import sign
from idweave_adapters.webhooks import decode_webhook
from idweave_graph.ids import AssetKind

SECRET = b"secret"
Decode = Callable[[bytes | None], Decoded]


def login(value: bytes | None) -> Decoded:
    return decode_login(value, secrets=lambda _: [SECRET])


LOGIN: dict[str, Any] = {
    "app_id": "647733625268125",
    "user_id": "10153949089790582",
    "time": 1_767_225_600_000,
    "login_kind": "classic",
    "token_for_business": "AbwoGqummPbF3zp_",
    "signed_request": sign(
        b'{"algorithm":"HMAC-SHA256","issued_at":1767225600,'
        b'"user_id":"10153949089790582","token_for_business":"AbwoGqummPbF3zp_"}',
        SECRET,
    ),
}
WEBHOOKS: list[dict[str, Any]] = [
    *({"object": "page", "entry": [entry(s.event)]} for s in samples.EVENTS.values()),
    {"object": "page", "entry": [entry(samples.label_change(), key="changes")]},
    {"object": "page", "entry": [entry(samples.FEED_CHANGE, key="changes")]},
    samples.DASHBOARD_TEST,
    samples.DASHBOARD_TEST_ENTRY,
    samples.INSTAGRAM,
    samples.PERMISSIONS,
]
DECODERS: list[Decode] = [login, decode_webhook]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from([samples.PAGE, samples.PSID, "0", "page", int(samples.PAGE)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "sender", "user_ref", "entry", "messaging", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn, source: Any) -> bytes:
    """The bytes of a sample, with some runs replaced, removed or repeated."""
    value = bytearray(orjson.dumps(source))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(value)))
        end = start + draw(st.integers(0, 4))
        value[start:end] = draw(st.binary(max_size=4)) * draw(st.integers(1, 3))
    return bytes(value)


@st.composite
def grafted(draw: st.DrawFn, source: Any) -> Any:
    """A sample, with one part of it replaced by any JSON, or left out."""
    if (
        not isinstance(source, (dict, list))
        or not source
        or draw(st.integers(0, 5)) == 0
    ):
        return draw(json_values)
    places = list(source) if isinstance(source, dict) else list(range(len(source)))
    place = draw(st.sampled_from(places))
    copy: Any = source.copy()
    if draw(st.integers(0, 9)) == 0:
        del copy[place]
    else:
        copy[place] = draw(grafted(source[place]))
    return copy


def check(decoded: Decoded, kind: AssetKind) -> None:
    """What holds of anything that decoding gives."""
    for observed in decoded.observations:
        assert observed.scoped.asset.kind is kind
        assert observed.scoped.user != observed.scoped.asset.id
        assert observed.scoped.user.isdecimal()
        assert (observed.token is None) == (observed.proof is None)
    assert decoded.observations or decoded.ignored or decoded.problems
    assert all(problem.code in DeadLetterCode for problem in decoded.problems)
    assert len(decoded.problems) < 20


@pytest.mark.parametrize("decode", DECODERS)
@given(value=st.none() | st.binary() | json_values.map(orjson.dumps))
def test_anything_gets_an_answer(decode: Decode, value: bytes | None) -> None:
    """No value gets an exception, and rubbish is never nobody's."""
    decoded = decode(value)

    assert decoded.problems or decoded.ignored
    assert decoded.observations == ()


@given(value=st.sampled_from(WEBHOOKS).flatmap(damaged))
def test_damaged_webhooks_get_an_answer(value: bytes) -> None:
    """A transport that spoils bytes does no harm beyond its record."""
    decoded = decode_webhook(value)

    check(decoded, AssetKind.PAGE)
    for observed in decoded.observations:
        assert observed.scoped.user.encode() in value


@given(value=damaged(LOGIN))
def test_damaged_logins_never_give_a_false_proof(value: bytes) -> None:
    """Only the genuine request's user and token are ever proved by signature."""
    decoded = login(value)

    for observed in decoded.observations:
        if observed.proof == "signed_request":
            assert observed.scoped.user == LOGIN["user_id"]
            assert str(observed.token) == f"token:{LOGIN['token_for_business']}"
    check(decoded, AssetKind.APP)


@given(value=st.sampled_from(WEBHOOKS).flatmap(grafted))
def test_grafted_webhooks_get_an_answer(value: Any) -> None:
    """Valid JSON of a wrong shape is read as far as it goes."""
    decoded = decode_webhook(orjson.dumps(value))

    check(decoded, AssetKind.PAGE)


@given(value=grafted(LOGIN))
def test_grafted_logins_get_an_answer(value: Any) -> None:
    """One observation or one problem, and never both."""
    decoded = login(orjson.dumps(value))

    assert len(decoded.observations) + len(decoded.problems) == 1


@given(
    picked=st.lists(
        st.lists(
            st.sampled_from(list(samples.EVENTS.values())), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_body_gives_what_its_events_give_one_by_one(
    picked: list[list[Sample]],
) -> None:
    """Parts don't touch each other, whatever stands beside them."""
    whole = decode_webhook(
        body(*(entry(*(sample.event for sample in events)) for events in picked))
    )

    flat = [sample for events in picked for sample in events]
    alone = [decode_webhook(body(entry(sample.event))) for sample in flat]
    assert whole.observations == tuple(
        observed for one in alone for observed in one.observations
    )
    for reason in IgnoreReason:
        assert whole.ignored.get(reason, 0) == sum(
            one.ignored.get(reason, 0) for one in alone
        )
    assert sum(problem.parts for problem in whole.problems) == sum(
        len(one.problems) for one in alone
    )
