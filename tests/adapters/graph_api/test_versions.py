"""What each version of the Graph API refuses, and what is told of another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.graph_api.scripted import (
    NOW_S,
    ScriptedGraph,
    answered,
    credential,
    edge,
    lookup,
)

from idweave_adapters.graph_api import (
    ConfigurationFault,
    GraphApiClient,
    LookupAnswer,
    Source,
)
from idweave_adapters.graph_api.versions import (
    MAX_TOLD,
    PAGES_ID_MAPPING,
    READ_MANY,
    InvalidVersionError,
    Version,
    refusal,
)
from idweave_graph.ids import BusinessToken

EDGES = (Source.IDS_FOR_APPS, Source.IDS_FOR_PAGES, Source.IDS_FOR_BUSINESS)


@given(major=st.integers(0, 9999), minor=st.integers(0, 9999))
def test_a_version_is_read_as_it_is_written(major: int, minor: int) -> None:
    """`v2.10` comes after `v2.9`: the parts are numbers."""
    version = Version(major, minor)

    assert Version.parse(str(version)) == version
    assert Version.parse("v2.9") < Version.parse("v2.10") < Version.parse("v10.0")


@pytest.mark.parametrize(
    "text", ["", "31.0", "v31", "v31.0.1", "V31.0", "v31.0\n", "v٢.0", "v99999.0"]
)
def test_what_is_no_version_is_refused_unshown(text: str) -> None:
    """Before the first call, by the client too."""
    with pytest.raises(InvalidVersionError) as caught:
        Version.parse(text)
    with pytest.raises(ValueError, match="version"):
        GraphApiClient("http://127.0.0.1:1", clock=lambda: NOW_S, version=text)

    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "last_bad", "first_good"),
    [(edge_name, "v2.8", "v2.9") for edge_name in EDGES],
)
def test_edges_came_with_v2_9(call: str, last_bad: str, first_good: str) -> None:
    """As the platform's code 12 says."""
    said = refusal(Version.parse(last_bad), call)

    assert said is not None
    assert "raise graph_api_version" in said
    assert refusal(Version.parse(first_good), call) is None
    assert refusal(Version.parse("v26.0"), call) is None


@pytest.mark.parametrize(
    ("call", "last_good", "first_bad"),
    [(READ_MANY, "v25.0", "v26.0"), (PAGES_ID_MAPPING, "v6.0", "v7.0")],
)
def test_what_is_gone_is_gone_from_a_version_on(
    call: str, last_good: str, first_bad: str
) -> None:
    """Several nodes in one read since v26.0, `pages_id_mapping` since v7.0."""
    assert refusal(Version.parse(last_good), call) is None
    assert refusal(Version.parse(first_bad), call) is not None
    assert refusal(Version.parse("v99.0"), call) is not None


@pytest.mark.parametrize("version", ["v1.0", "v2.8", "v26.0", "v99.0"])
def test_the_token_is_there_in_every_version(version: str) -> None:
    """ "Available in all API versions", says the Business Mapping API document."""
    assert refusal(Version.parse(version), Source.TOKEN_FOR_BUSINESS) is None


async def test_what_the_version_can_not_do_is_never_sent(graph: ScriptedGraph) -> None:
    """No call, and an error that names the setting; the token alone still works."""
    graph.each(lambda item: answered({"id": "5", "token_for_business": "T"}))
    wanted = {Source.TOKEN_FOR_BUSINESS}

    async with graph.client(version="v2.8") as old:
        (refused,) = await old.look_up([lookup("5")])
        with pytest.raises(ConfigurationFault, match=r"v2\.9"):
            await old.ids_for_business(credential(), "5")
        with pytest.raises(ConfigurationFault, match=r"v2\.9"):
            await old.ids_for_pages(credential(), "5")
        assert graph.asked == []
        assert await old.token_for_business(credential(), "5") == BusinessToken("T")
    async with graph.client(version="v2.8", sources=wanted) as old:
        (answer,) = await old.look_up([lookup("5")])

    assert isinstance(refused, ConfigurationFault)
    assert "graph_api_version" in str(refused)
    assert isinstance(answer, LookupAnswer)
    assert answer.token_known


async def test_another_version_is_counted_and_told_once(graph: ScriptedGraph) -> None:
    """Each that differs; the one that was asked for, and silence, are no news."""
    served = iter(["v21.0", "v21.0", "v25.0", "", "v22.0", "nonsense"])
    told: list[str] = []
    graph.each(
        lambda item: answered(
            {"id": "5", "ids_for_apps": edge()}, Facebook_API_Version=next(served)
        )
    )

    async with graph.client(on_other_version=told.append) as client:
        await client.look_up([lookup("5")] * 6)

    assert told == ["v21.0", "v22.0"]
    assert client.counters.other_version == 3


async def test_a_server_of_many_versions_is_told_of_a_few_times(
    graph: ScriptedGraph,
) -> None:
    """What a server makes up fills neither the log nor the memory."""
    numbers = iter(range(100, 200))
    told: list[str] = []
    graph.each(
        lambda item: answered(
            {"id": "5", "ids_for_apps": edge()},
            Facebook_API_Version=f"v{next(numbers)}.0",
        )
    )

    async with graph.client(on_other_version=told.append) as client:
        await client.look_up([lookup("5")] * 60)

    assert len(told) == MAX_TOLD
    assert client.counters.other_version == 60
