"""The client of the Page-Scoped ID API: what it sends, and what it makes of answers."""

import json
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.graph_api.scripted import (
    APP,
    APP_SECRET,
    NOW_S,
    PAGE,
    PAGE_TOKEN,
    ScriptedGraph,
    credential,
    envelope,
)

from idweave_adapters.graph_api import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    Transient,
)
from idweave_adapters.graph_api.pages_id_mapping import (
    MAX_ASIDS,
    InvalidAsids,
    MappingAnswer,
    PageScopedIdApi,
    invalid_ids,
    read_mapping,
)
from idweave_adapters.graph_api.proof import timed_appsecret_proof
from idweave_adapters.graph_api.transport import HttpAnswer
from idweave_adapters.secret import Secret

# As in the sample request and response of Meta's document.
FIRST, SECOND = "10154673853349851", "1001789542988"
ASIDS = (FIRST, SECOND)
PSIDS = {FIRST: "1535748669783931", SECOND: "1061502733949241"}
SAMPLE = {asid: {"id": psid} for asid, psid in PSIDS.items()}

HttpResult = MappingAnswer | GraphApiError


def connected(
    graph: ScriptedGraph, version: str = "v3.3", **options: Any
) -> PageScopedIdApi:
    return PageScopedIdApi(
        graph.url, clock=lambda: NOW_S + 0.5, version=version, **options
    )


async def ask(
    graph: ScriptedGraph, body: object, status: int = 200, *, lenient: bool = True
) -> HttpResult:
    """What the client makes of this answer, over HTTP."""
    graph.script = lambda _: web.json_response(body, status=status)
    async with connected(graph) as client:
        return await client.map_asids(credential(PAGE), ASIDS, ignore_invalid=lenient)


def read(body: bytes, status: int = 200, *, lenient: bool = True) -> HttpResult:
    return read_mapping(HttpAnswer(status, {}, body), ASIDS, ignore_invalid=lenient)


async def test_the_documented_sample(graph: ScriptedGraph) -> None:
    """Both ids of the sample are mapped."""
    answer = await ask(graph, SAMPLE, lenient=False)

    assert isinstance(answer, MappingAnswer)
    assert (answer.psids, answer.left_out) == (PSIDS, ())


async def test_a_bare_id_is_read_too(graph: ScriptedGraph) -> None:
    """The form of the value is not documented beyond doubt."""
    answer = await ask(graph, {FIRST: PSIDS[FIRST], SECOND: {"id": 1061502733949241}})

    assert isinstance(answer, MappingAnswer)
    assert answer.psids == PSIDS


async def test_one_form_post_with_all_in_its_body(graph: ScriptedGraph) -> None:
    """Neither address nor headers hold a token, a proof or an id."""
    await ask(graph, SAMPLE)

    (asked,) = graph.asked
    proof = timed_appsecret_proof(Secret(PAGE_TOKEN), Secret(APP_SECRET), NOW_S)
    assert asked.url == "/v3.3/pages_id_mapping"
    assert asked.form == {
        "user_ids": f"{FIRST},{SECOND}",
        "ignore_invalid_ids": "true",
        "access_token": PAGE_TOKEN,
        "appsecret_proof": proof,
        "appsecret_time": str(NOW_S),
    }
    for secret in (PAGE_TOKEN, proof, FIRST):
        assert secret not in f"{asked.url} {asked.headers}"


async def test_nothing_is_sent_from_v7_on(graph: ScriptedGraph) -> None:
    """Unless somebody has said that the call is there."""
    asking = (credential(PAGE), ASIDS)
    graph.script = lambda _: SAMPLE
    async with connected(graph, "v7.0") as client:
        refused = await client.map_asids(*asking, ignore_invalid=True)
    assert isinstance(refused, ConfigurationFault)
    assert "v7.0" in str(refused)
    assert graph.asked == []

    async with connected(graph, "v7.0", is_declared=True) as client:
        answered = await client.map_asids(*asking, ignore_invalid=True)
    assert isinstance(answered, MappingAnswer)


@pytest.mark.parametrize(
    "asids", [(), ("1",) * 2, ("me",), tuple(map(str, range(1, MAX_ASIDS + 2)))]
)
async def test_what_can_not_be_asked(
    graph: ScriptedGraph, asids: tuple[str, ...]
) -> None:
    """None, one twice, no id, more than 200: nothing is sent."""
    async with connected(graph) as client:
        with pytest.raises(ValueError, match="id"):
            await client.map_asids(credential(PAGE), asids, ignore_invalid=True)
        with pytest.raises(ValueError, match="Page"):
            await client.map_asids(credential(APP), ASIDS, ignore_invalid=True)
    assert graph.asked == []


async def test_ids_that_were_ignored_are_left_out(graph: ScriptedGraph) -> None:
    """Where that was asked for; otherwise half an answer proves nothing."""
    body = {FIRST: {"id": PSIDS[FIRST]}}

    lenient, strict = await ask(graph, body), await ask(graph, body, lenient=False)

    assert isinstance(lenient, MappingAnswer)
    assert lenient.left_out == (SECOND,)
    assert isinstance(strict, ProtocolFault)


@pytest.mark.parametrize(
    "body",
    [
        {**SAMPLE, "999": {"id": "5"}},  # not asked for
        {"success": True},
        {FIRST: {}},
        {FIRST: {"id": None}},
        {FIRST: {"id": "me"}},
        {FIRST: 1.5},
        {FIRST: True},
        {FIRST: ["5"]},
        {FIRST: {"id": "5"}, SECOND: {"id": "5"}},  # one Page-scoped id for two
        [SAMPLE],
        None,
        "x",
    ],
)
async def test_malformed_answers_prove_nothing(
    graph: ScriptedGraph, body: object
) -> None:
    """Not even the part that looks well."""
    assert isinstance(await ask(graph, body), ProtocolFault)


def test_an_id_with_two_answers_proves_nothing() -> None:
    """A JSON object may name a key twice; which one would hold?"""
    raw = b'{"%(a)s":{"id":"5"},"%(a)s":{"id":"6"}}' % {b"a": FIRST.encode()}

    assert isinstance(read(raw), ProtocolFault)


FORMS = {
    "list": [SECOND],
    "numbers": [int(SECOND)],
    "object of a list": {"invalid_ids": [SECOND]},
    "object by id": {SECOND: "belongs to a different app"},
    "text of a list": json.dumps([SECOND]),
    "text of an object": json.dumps({"invalid_ids": [SECOND]}),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("code", [100, 110, 1234])
async def test_invalid_ids_are_read_from_error_data(
    graph: ScriptedGraph, data: object, code: int
) -> None:
    """In each form it may have, whatever the error's number is."""
    error = envelope(code, "Invalid App-scoped User IDs", error_data=data)

    found = await ask(graph, {"error": error}, 400, lenient=False)

    assert isinstance(found, InvalidAsids)
    assert found.ids == {SECOND}
    assert SECOND not in f"{found!s} {found!r}"


@pytest.mark.parametrize(
    "data",
    [
        ["999"],
        "999",
        [f"{SECOND}0"],
        f"not JSON {SECOND}",
        {"blame_field_specs": [["user_ids"]]},
        None,
        True,
    ],
)
async def test_only_asked_ids_are_invalid(graph: ScriptedGraph, data: object) -> None:
    """Without one of them the request itself is at fault."""
    error = envelope(100, "Invalid parameter", error_data=data)

    found = await ask(graph, {"error": error}, 400, lenient=False)

    assert isinstance(found, ConfigurationFault)
    assert not isinstance(found, InvalidAsids)


ERRORS: list[tuple[int, str, type[GraphApiError], str]] = [
    (4, "Current app exceeds rate limit", Throttled, ""),
    (613, "", Throttled, ""),
    (32, "", Throttled, ""),
    (105, "too many elements", ConfigurationFault, ""),
    (210, "A page access token is required", PermissionDenied, "token of the Page"),
    (15, "", PermissionDenied, "token of the Page"),
    (
        190,
        "This method must be called with a Page Access Token",
        PermissionDenied,
        "token of the Page",
    ),
    (190, "Error validating access token", CredentialRefused, ""),
    (200, "not allowed", PermissionDenied, "before 1 May 2018"),
    (10, "not allowed", PermissionDenied, "before 1 May 2018"),
    (200, "Your business is currently going through review", PolicyHold, ""),
    (368, "", PolicyHold, ""),
    (12, "deprecated for versions v7.0 and higher", ConfigurationFault, "v7.0"),
    (2500, "Unknown path components: /pages_id_mapping", ConfigurationFault, "v7.0"),
    (100, "Invalid appsecret_proof provided", CredentialRefused, "app secret"),
    (2, "", Transient, ""),
]


@pytest.mark.parametrize(("code", "text", "kind", "hint"), ERRORS)
async def test_errors_by_condition(
    graph: ScriptedGraph, code: int, text: str, kind: type[GraphApiError], hint: str
) -> None:
    """What to do follows from the kind of error, as the true numbers are lost."""
    status = 500 if code == 2 else 400
    found = await ask(graph, {"error": envelope(code, text)}, status)

    assert type(found) is kind
    assert hint in str(found)


async def test_a_missing_endpoint_is_no_missing_person(graph: ScriptedGraph) -> None:
    """`100/33` is said of the path here, and must not close an id."""
    error = envelope(100, "Unsupported post request", error_subcode=33)

    assert type(await ask(graph, {"error": error}, 400)) is ConfigurationFault


@pytest.mark.parametrize("code", [4, 200, 368, 190, 2])
async def test_error_data_does_not_soften_other_errors(
    graph: ScriptedGraph, code: int
) -> None:
    """A limit, a hold or a lost permission stays one, whatever else it lists."""
    error = envelope(code, error_data=[SECOND])

    found = await ask(graph, {"error": error}, 500 if code == 2 else 400)

    assert not isinstance(found, InvalidAsids | MappingAnswer)


async def test_a_limit_says_how_long_to_wait(graph: ScriptedGraph) -> None:
    """By header, in seconds or in the usage's minutes."""
    error = {"error": envelope(4)}
    headers = {"Retry-After": "30"}
    graph.script = lambda _: web.json_response(error, status=400, headers=headers)
    async with connected(graph) as client:
        found = await client.map_asids(credential(PAGE), ASIDS, ignore_invalid=True)

    assert isinstance(found, Throttled)
    assert found.retry_after_s == 30
    assert (client.counters.http_requests, client.counters.throttled) == (1, 1)


async def test_nothing_in_sight() -> None:
    """Neither answers nor errors show ids or tokens."""
    answer = read(json.dumps(SAMPLE).encode())

    for text in (*ASIDS, *PSIDS.values()):
        assert text not in repr(answer)


VALUES = st.recursive(
    st.one_of(
        st.sampled_from([*ASIDS, *PSIDS.values(), "5", "me", ""]),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.none(),
        st.text(max_size=5),
    ),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "error", "code", "error_data", *ASIDS, "999"]),
            below,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(body=VALUES, status=st.sampled_from([200, 400, 500]), lenient=st.booleans())
def test_any_json_gives_an_answer_or_a_typed_error(
    body: object, status: int, *, lenient: bool
) -> None:
    """And what is mapped stands in the answer, under an id that was asked for."""
    found = read(json.dumps(body).encode(), status, lenient=lenient)

    if isinstance(found, MappingAnswer):
        assert isinstance(body, dict)
        for asid, psid in found.psids.items():
            value = body[asid]
            assert psid == str(value["id"] if isinstance(value, dict) else value)
        assert {*found.psids, *found.left_out} == set(ASIDS)
    else:
        assert isinstance(found, GraphApiError)
    assert invalid_ids(body, ASIDS) <= set(ASIDS)


@given(st.binary(max_size=60), st.sampled_from([200, 302, 400, 429, 502]))
def test_any_bytes_give_a_typed_error(raw: bytes, status: int) -> None:
    """Unless they are an empty object, which leaves all ids out."""
    found = read(raw, status)

    assert isinstance(found, GraphApiError) or found.psids == {}


@given(st.integers(0, len(json.dumps(SAMPLE)) - 1))
def test_a_cut_answer_proves_nothing(cut: int) -> None:
    """Wherever it was cut."""
    assert isinstance(read(json.dumps(SAMPLE).encode()[:cut]), ProtocolFault)
