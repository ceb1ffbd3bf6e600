"""What a lookup reads: the business token, `ids_for_business`, and any choice of them."""

from itertools import chain, combinations

import pytest
from tests.adapters.graph_api.scripted import (
    APP,
    GAME,
    PAGE,
    Item,
    ScriptedGraph,
    answered,
    credential,
    edge,
    lookup,
    refused,
)

from idweave_adapters.graph_api import (
    DEFAULT_SOURCES,
    ConfigurationFault,
    CredentialRefused,
    GraphApiClient,
    GraphApiError,
    Lookup,
    LookupAnswer,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Source,
    Throttled,
    Transient,
)
from idweave_graph.ids import BusinessToken, ScopedId

TOKEN = "AbwoGqummPbF3zp_"
REVIEW = "(#200) Your business is currently going through review to access this API."
ALL = frozenset(Source)
WHOLE: dict[str, object] = {
    "id": "5",
    "ids_for_apps": edge(("5", APP), ("11", GAME)),
    "ids_for_pages": edge(("12", PAGE)),
    "ids_for_business": edge(("5", APP), ("11", GAME)),
    "token_for_business": TOKEN,
}


async def one(
    graph: ScriptedGraph, asked: Lookup, sources: frozenset[Source] = DEFAULT_SOURCES
) -> LookupAnswer:
    async with graph.client(sources=sources) as client:
        (answer,) = await client.look_up([asked])
    assert isinstance(answer, LookupAnswer), answer
    return answer


async def failing(
    graph: ScriptedGraph, asked: Lookup, sources: frozenset[Source] = DEFAULT_SOURCES
) -> GraphApiError:
    async with graph.client(sources=sources) as client:
        (answer,) = await client.look_up([asked])
    assert isinstance(answer, GraphApiError), answer
    return answer


def named(item: Item) -> set[str]:
    """The sources that a question names, in its path or in its fields."""
    text = f"{item.path} {item.params['fields']}"
    return {source for source in Source if source in text}


def part(item: Item) -> object:
    """The part of WHOLE that was asked for, in the form of a direct or expanded read."""
    _, _, name = item.path.partition("/")
    if name:
        return answered(WHOLE[name])
    return answered({key: WHOLE[key] for key in ("id", *sorted(named(item)))})


async def test_the_token_of_an_asid_costs_no_call_of_its_own(
    graph: ScriptedGraph,
) -> None:
    """It is one more field of the expanded read, asked with the app's token."""
    graph.each(part)

    answer = await one(graph, lookup("5"))

    assert (answer.token, answer.token_known) == (BusinessToken(TOKEN), True)
    assert (answer.requests, answer.is_whole) == (1, True)
    assert named(graph.items[0]) == DEFAULT_SOURCES
    assert graph.items[0].params["access_token"].startswith(f"{APP.id}|")


@pytest.mark.parametrize(
    "asked", [lookup("12", PAGE), Lookup(ScopedId(APP, "5"), credential(PAGE))]
)
async def test_a_page_token_never_asks_for_what_is_about_logins(
    graph: ScriptedGraph, asked: Lookup
) -> None:
    """Neither of a PSID nor of an ASID: it takes the app's token or the person's."""
    graph.each(part)

    answer = await one(graph, asked, ALL)

    assert named(graph.items[0]) == {Source.IDS_FOR_APPS, Source.IDS_FOR_PAGES}
    assert (answer.token, answer.token_known, answer.business_links) == (
        None,
        False,
        (),
    )
    assert answer.wanted == {Source.IDS_FOR_APPS, Source.IDS_FOR_PAGES}


async def test_an_absent_token_is_unknown(graph: ScriptedGraph) -> None:
    """It is not asked for again: a field that is not sent says nothing."""
    body = {"id": "5", "ids_for_apps": edge(), "ids_for_pages": edge()}
    for sent in (body, {**body, "token_for_business": None}):
        graph.each(lambda item, sent=sent: answered(sent))  # type: ignore[misc]

        answer = await one(graph, lookup("5"))

        assert (answer.token_known, answer.is_whole, answer.requests) == (
            False,
            True,
            1,
        )


@pytest.mark.parametrize("code", [100, 10, 200, 3953, 4711, 15])
async def test_an_app_in_no_business_loses_nothing_but_its_token(
    graph: ScriptedGraph, code: int
) -> None:
    """The error's number is documented nowhere; the edges are asked one by one."""

    def script(item: Item) -> object:
        is_token = Source.TOKEN_FOR_BUSINESS in named(item)
        return refused(code, f"(#{code}) no business") if is_token else part(item)

    graph.each(script)

    answer = await one(graph, lookup("5"))

    assert {link.user for link in answer.links} == {"11", "12"}
    assert (answer.is_whole, answer.token_known, answer.requests) == (True, False, 4)
    assert [len(asked.items) for asked in graph.asked] == [1, 3]


@pytest.mark.parametrize("code", [110, 803])
async def test_a_token_that_is_refused_like_an_unknown_id_hides_no_edge(
    graph: ScriptedGraph, code: int
) -> None:
    """These numbers name what was asked for as often as whom."""

    def script(item: Item) -> object:
        return refused(code) if Source.TOKEN_FOR_BUSINESS in named(item) else part(item)

    graph.each(script)

    answer = await one(graph, lookup("5"))

    assert {link.user for link in answer.links} == {"11", "12"}
    assert (answer.is_whole, answer.token_known, answer.requests) == (True, False, 3)


@pytest.mark.parametrize(
    ("no", "requests"),
    [(refused(110), 3), (refused(803), 3), (refused(100, error_subcode=33), 1)],
)
async def test_an_unknown_id_is_refused_with_and_without_its_token(
    graph: ScriptedGraph, no: object, requests: int
) -> None:
    """Where the number leaves no doubt, nothing more is asked."""
    graph.each(lambda item: no)

    assert isinstance(await failing(graph, lookup("5")), LookupRefused)
    assert len(graph.items) == requests


async def test_a_refused_token_beside_refused_edges_is_no_answer(
    graph: ScriptedGraph,
) -> None:
    """Nothing at all was read."""
    graph.each(lambda item: refused(10))

    assert isinstance(await failing(graph, lookup("5")), PermissionDenied)


async def test_a_token_beside_refused_edges_is_an_answer(graph: ScriptedGraph) -> None:
    """Tokens alone join people too; the answer says that its ids are not known."""

    def script(item: Item) -> object:
        is_token = named(item) == {Source.TOKEN_FOR_BUSINESS}
        return part(item) if is_token else refused(10)

    graph.each(script)

    answer = await one(graph, lookup("5"))

    assert (answer.token, answer.links) == (BusinessToken(TOKEN), ())
    assert (answer.apps_known, answer.pages_known, answer.is_whole) == (
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("alone", "expected"),
    [
        (refused(4), Throttled),
        (refused(190), CredentialRefused),
        (refused(200, REVIEW), PolicyHold),
        (None, Transient),
    ],
)
async def test_a_token_that_failed_in_passing_is_asked_again(
    graph: ScriptedGraph, alone: object, expected: type[GraphApiError]
) -> None:
    """Only a lasting refusal leaves an answer without it."""

    def script(item: Item) -> object:
        if named(item) == {Source.TOKEN_FOR_BUSINESS}:
            return alone
        return refused(10) if "/" not in item.path else part(item)

    graph.each(script)

    assert isinstance(await failing(graph, lookup("5")), expected)


@pytest.mark.parametrize(
    "value", ["", " ", "a b", "a\n", "ä", "x" * 513, 7, 1.5, True, [], {}, ["T"]]
)
@pytest.mark.parametrize("sources", [DEFAULT_SOURCES, {Source.TOKEN_FOR_BUSINESS}])
async def test_a_malformed_token_spoils_the_answer(
    graph: ScriptedGraph, value: object, sources: frozenset[Source]
) -> None:
    """What is half understood is no proof, the edges beside it neither."""
    graph.each(lambda item: answered({**WHOLE, "token_for_business": value}))

    error = await failing(graph, lookup("5"), sources)

    assert isinstance(error, ProtocolFault)
    assert (error.__traceback__, error.__context__, error.__cause__) == (None,) * 3


async def test_a_token_is_never_an_id(graph: ScriptedGraph) -> None:
    """Even one that looks like an id is not among the links, nor asked about."""
    graph.each(lambda item: answered({**WHOLE, "token_for_business": "999"}))

    answer = await one(graph, lookup("5"))

    assert answer.token == BusinessToken("999")
    assert "999" not in {link.user for link in answer.links}
    assert {item.path for item in graph.items} == {"5"}


async def test_a_token_of_another_person_proves_nothing(graph: ScriptedGraph) -> None:
    """Asked for alone, it must come with the id that was asked."""
    graph.each(lambda item: answered({"id": "6", "token_for_business": TOKEN}))
    wanted = frozenset({Source.TOKEN_FOR_BUSINESS})

    assert isinstance(await failing(graph, lookup("5"), wanted), ProtocolFault)


async def test_ids_for_business_is_kept_apart(graph: ScriptedGraph) -> None:
    """It is evidence of its own kind; the own id is left out of it too."""
    graph.each(part)

    answer = await one(graph, lookup("5"), ALL)

    assert answer.business_links == (ScopedId(GAME, "11"),)
    assert answer.links == (ScopedId(GAME, "11"), ScopedId(PAGE, "12"))
    assert (answer.business_known, answer.is_whole, answer.requests) == (True, True, 1)


async def test_ids_for_business_is_read_to_its_end(graph: ScriptedGraph) -> None:
    """Its pages go on by themselves, as those of the other edges."""
    more = edge(("5", APP), next="n", cursors={"after": "c"})

    def script(item: Item) -> object:
        if item.path == "5":
            return answered({**WHOLE, "ids_for_business": more})
        assert (item.path, item.params["after"]) == ("5/ids_for_business", "c")
        return answered(edge(("11", GAME)))

    graph.each(script)

    answer = await one(graph, lookup("5"), ALL)

    assert answer.business_links == (ScopedId(GAME, "11"),)
    assert (answer.business_known, answer.requests) == (True, 2)


async def test_a_refused_ids_for_business_leaves_the_answer_open(
    graph: ScriptedGraph,
) -> None:
    """It was wanted, so the answer is not whole; all else is known."""

    def script(item: Item) -> object:
        is_business = Source.IDS_FOR_BUSINESS in named(item)
        return refused(10) if is_business else part(item)

    graph.each(script)

    answer = await one(graph, lookup("5"), ALL)

    assert (answer.apps_known, answer.pages_known, answer.token_known) == (True,) * 3
    assert (answer.business_known, answer.is_whole) == (False, False)


async def test_ids_for_business_with_another_own_id_proves_nothing(
    graph: ScriptedGraph,
) -> None:
    """The calling app's id in it must be the one that was asked."""
    graph.each(lambda item: answered({**WHOLE, "ids_for_business": edge(("6", APP))}))
    wanted = frozenset({Source.IDS_FOR_BUSINESS})

    assert isinstance(await failing(graph, lookup("5"), wanted), ProtocolFault)


@pytest.mark.parametrize(
    "sources",
    [
        frozenset(some)
        for some in chain.from_iterable(combinations(Source, n) for n in range(1, 5))
    ],
)
async def test_any_choice_of_sources_works(
    graph: ScriptedGraph, sources: frozenset[Source]
) -> None:
    """What is not wanted is neither asked nor said to be known."""
    graph.each(part)

    answer = await one(graph, lookup("5"), sources)

    assert answer.wanted == named(graph.items[0]) == sources
    known = {
        Source.IDS_FOR_APPS: answer.apps_known,
        Source.IDS_FOR_PAGES: answer.pages_known,
        Source.IDS_FOR_BUSINESS: answer.business_known,
        Source.TOKEN_FOR_BUSINESS: answer.token_known,
    }
    assert {source for source, is_known in known.items() if is_known} == sources
    assert (answer.is_whole, answer.requests) == (True, 1)


async def test_a_page_has_nothing_to_ask_when_only_tokens_are_wanted(
    graph: ScriptedGraph,
) -> None:
    """No call, and an answer that claims nothing."""
    wanted = frozenset({Source.TOKEN_FOR_BUSINESS})

    answer = await one(graph, lookup("5", PAGE), wanted)

    assert (answer.requests, answer.links, answer.wanted) == (0, (), frozenset())
    assert graph.asked == []


async def test_a_token_wanted_alone_and_refused_is_an_error(
    graph: ScriptedGraph,
) -> None:
    """After one call: asking the same again would not help."""
    graph.each(lambda item: refused(100, "(#100) not associated with a business"))
    wanted = frozenset({Source.TOKEN_FOR_BUSINESS})

    error = await failing(graph, lookup("5"), wanted)

    assert isinstance(error, ConfigurationFault)
    assert len(graph.items) == 1


async def test_the_two_methods_of_login_read_what_they_name(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """`ids_for_business` with its filter, and the field by itself."""
    graph.each(
        lambda item: (
            answered(edge(("11", GAME))) if "app" in item.params else part(item)
        )
    )

    apps = await client.ids_for_business(credential(), "5")
    game = await client.ids_for_business(credential(), "5", app=GAME.id)
    token = await client.token_for_business(credential(), "5")

    assert apps == [ScopedId(APP, "5"), ScopedId(GAME, "11")]
    assert game == [ScopedId(GAME, "11")]
    assert token == BusinessToken(TOKEN)
    assert [item.path for item in graph.items] == ["5/ids_for_business"] * 2 + ["5"]
    assert graph.items[2].params["fields"] == "id,token_for_business"


async def test_the_two_methods_of_login_refuse_what_has_none(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """A Page has neither; what is no id is not sent; refusals are raised."""
    graph.each(lambda item: refused(10))

    with pytest.raises(ValueError, match="a Page's"):
        await client.ids_for_business(credential(PAGE), "5")
    with pytest.raises(ValueError, match="a Page's"):
        await client.token_for_business(credential(PAGE), "5")
    with pytest.raises(LookupRefused):
        await client.token_for_business(credential(), "me")
    assert graph.asked == []
    with pytest.raises(PermissionDenied):
        await client.ids_for_business(credential(), "5")
    with pytest.raises(PermissionDenied):
        await client.token_for_business(credential(), "5")
