"""Generated traffic: readable where it should be, and its report tells the truth."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.simulator.sample import Sample, sample

from idweave_adapters.logins import decode_login
from idweave_adapters.simulator import World, WorldBuilder
from idweave_adapters.simulator.traffic import (
    EmptyWorldError,
    Event,
    Traffic,
    TrafficPlan,
    woven,
)
from idweave_adapters.simulator.traffic.webhooks import encode
from idweave_adapters.webhooks import decode_webhook
from idweave_graph.ids import Asset

WORLD = World.generate(seed=4, people=300, unowned_apps=1)
OWNED = {each["asset"] for each in WORLD.assets()}
CLEAN = TrafficPlan(
    events=3_000, duplicates=0, out_of_order=0, garbage=0, unknown_apps=0
)
ROUGH = TrafficPlan(events=6_000, garbage=0.02, unknown_apps=0.02, seed=9)

plans = st.builds(
    TrafficPlan,
    seed=st.integers(0, 999),
    events=st.integers(0, 120),
    logins=st.floats(0, 1),
    duplicates=st.floats(0, 0.5),
    garbage=st.floats(0, 0.3),
    unknown_apps=st.floats(0, 0.3),
)


def secrets(asset: Asset) -> Sequence[bytes]:
    """The secrets of the world's apps."""
    return [WORLD.apps[asset.id].secret.encode()] if asset.id in WORLD.apps else []


def parent(asset: str) -> str:
    """The app in whose scope the ids of an app lie."""
    kind, _, number = asset.partition(":")
    return f"app:{WORLD.apps[number].scope}" if kind == "app" else asset


def logins(events: Sequence[Event]) -> Iterator[dict[str, str]]:
    """The bodies of all logins."""
    yield from (orjson.loads(each.value) for each in events if each.topic == "login")


def items(events: Sequence[Event]) -> Iterator[tuple[str, dict[str, object]]]:
    """All messaging items with the Page of their entry."""
    for event in events:
        if event.topic == "webhook":
            for entry in json.loads(event.value)["entry"]:
                for item in entry.get("messaging", []) + entry.get("standby", []):
                    yield entry["id"], item


def test_same_plan_same_bytes() -> None:
    """Iterating again, or anew, gives the same events and the same report."""
    traffic = Traffic(WORLD, ROUGH)
    first, report = list(traffic), traffic.report

    again = Traffic(World.from_json(WORLD.to_json()), ROUGH)

    assert list(traffic) == first == list(again)
    assert report == traffic.report == again.report
    assert list(Traffic(WORLD, replace(ROUGH, seed=10))) != first


def test_readers_see_what_the_report_says() -> None:
    """The product's own decoders find exactly the reported ids and dead letters."""
    traffic = Traffic(WORLD, ROUGH)
    seen: set[str] = set()
    dead = 0

    for event in traffic:
        decoded = (
            decode_login(event.value, secrets=secrets)
            if event.topic == "login"
            else decode_webhook(event.value)
        )
        known = [each.scoped for each in decoded.observations]
        strangers = [each for each in known if str(each.asset) not in OWNED]
        dead += bool(decoded.problems or strangers)
        seen |= {
            f"{parent(str(each.asset))}:{each.user}"
            for each in known
            if each not in strangers
        }

    assert seen == traffic.report.sighted
    assert dead == traffic.report.dead_letters.total() > 100


def test_no_clean_event_is_a_problem() -> None:
    """Without garbage every event can be read, and every login's signature is good."""
    for event in Traffic(
        WORLD, replace(CLEAN, signed_requests=0.5, business_tokens=0.5)
    ):
        if event.topic == "login":
            decoded = decode_login(event.value, secrets=secrets)
            assert len(decoded.observations) == 1
        else:
            decoded = decode_webhook(event.value)
        assert not decoded.problems


def test_report_counts_what_was_emitted() -> None:
    """Events, duplicates, late ones and dead letters add up."""
    traffic = Traffic(WORLD, ROUGH)

    events = list(traffic)

    report = traffic.report
    assert report.events.total() == len(events) == ROUGH.events
    assert report.events == Counter(each.topic for each in events)
    assert len(events) - len(set(events)) >= report.duplicates > 0
    highest = 0
    late = 0
    for event in events:
        late += event.time_ms < highest
        highest = max(highest, event.time_ms)
    assert report.out_of_order == late > 0
    assert {"garbage", "unknown_app"} == set(report.dead_letters)


@given(plan=plans)
def test_sighted_ids_are_real(plan: TrafficPlan) -> None:
    """Every reported id belongs to somebody; the expected persons hold them all."""
    traffic = Traffic(WORLD, plan)
    list(traffic)

    stray = {app.asset for app in WORLD.apps.values() if app.owner is None}
    owned = {
        each for each in traffic.report.sighted if each.rpartition(":")[0] not in stray
    }
    found = [person for persons in traffic.expected().values() for person in persons]
    assert owned <= set().union(*found)
    assert sum(map(len, found)) == len(set().union(*found))


@given(plan=plans)
def test_expected_persons_are_parts_of_the_truth(plan: TrafficPlan) -> None:
    """No expected person holds more than one human of one business."""
    traffic = Traffic(WORLD, plan)
    list(traffic)

    truth = WORLD.truth()
    for business, persons in traffic.expected().items():
        for person in persons:
            assert any(person <= human for human in truth[business])


def test_everything_sighted_gives_the_truth_but_for_provider_pages() -> None:
    """With all ids shown only people known to a provider's Pages alone stay apart."""
    truth = WORLD.truth()
    every = {
        each for persons in truth.values() for person in persons for each in person
    }

    found = woven(WORLD, every)

    apart = [
        person
        for business, persons in truth.items()
        for person in persons - found[business]
    ]
    managed = {page.asset for page in WORLD.pages.values() if not WORLD.may_ask(page)}
    assert all(
        {each.rpartition(":")[0] for each in person} <= managed for person in apart
    )


def test_provider_page_alone_links_nobody() -> None:
    """A person seen on a provider's Page stays one id, until another id leads there."""
    here: Sample = sample()
    managed = f"page:{here.managed.id}:{here.john.psids[here.managed.id]}"
    music = f"page:{here.music.id}:12345123"

    alone = woven(here.world, {managed})[here.owner.id]
    led = woven(here.world, {managed, music})[here.owner.id]

    assert alone == {frozenset([managed])}
    assert any({managed, music} < person for person in led)


def test_webhooks_have_all_documented_kinds() -> None:
    """Enough traffic shows each kind of item, container and login."""
    traffic = Traffic(WORLD, replace(ROUGH, events=20_000))
    list(traffic)

    assert {
        "login.classic", "login.limited", "login.stranger", "login.garbage", "webhook.garbage",
        "webhook.message", "webhook.echo", "webhook.read", "webhook.delivery",
        "webhook.postback", "webhook.referral", "webhook.reaction", "webhook.optin",
        "webhook.optin_by_reference", "webhook.account_linking", "webhook.standby",
        "webhook.changes", "webhook.unknown", "webhook.sender_by_phone", "webhook.guest",
    } <= set(traffic.report.kinds)  # fmt: skip


def test_echoes_are_sent_by_the_page() -> None:
    """An echo's sender is the Page and its recipient the person; all others go to it."""
    for page, item in items(list(Traffic(WORLD, CLEAN))):
        is_echo = "is_echo" in str(item.get("message"))
        assert item["sender" if is_echo else "recipient"] == {"id": page}


def test_bodies_are_batched_and_escaped() -> None:
    """Several entries and items occur; bytes are ASCII with escaped slashes."""
    events = [each for each in Traffic(WORLD, CLEAN) if each.topic == "webhook"]

    bodies = [json.loads(each.value) for each in events]
    assert any(len(body["entry"]) > 1 for body in bodies)
    entries = [entry for body in bodies for entry in body["entry"]]
    assert any(len(entry.get("messaging", [])) > 1 for entry in entries)
    assert all(each.value.isascii() for each in events)
    assert any(b"https:\\/\\/" in each.value for each in events)
    assert any(b"\\u00fc" in each.value for each in events)


def test_escapes_are_as_documented() -> None:
    """`ä`, `/` and `<` leave as escapes and come back as themselves."""
    text = encode({"a": "ä/<"})

    assert text == b'{"a":"\\u00e4\\/\\u003C"}'
    assert json.loads(text) == {"a": "ä/<"}


def test_test_app_logins_carry_the_parents_id() -> None:
    """A login into a test app names the test app and the id that the parent knows."""
    plan = replace(CLEAN, test_apps=0.5)
    through_tests = [
        (WORLD.apps[each["app_id"]], each["user_id"])
        for each in logins(list(Traffic(WORLD, plan)))
        if WORLD.apps[each["app_id"]].parent
    ]

    assert through_tests
    assert all(user in WORLD.people.in_app(app.scope) for app, user in through_tests)


def test_tokens_and_signed_requests_occur_as_planned() -> None:
    """About a tenth of logins carry the token, about a twentieth a signed request."""
    bodies = list(
        logins(list(Traffic(WORLD, replace(CLEAN, events=10_000, limited=0))))
    )

    with_token = sum("token_for_business" in each for each in bodies) / len(bodies)
    with_request = sum("signed_request" in each for each in bodies) / len(bodies)
    assert 0.07 < with_token < 0.13
    assert 0.03 < with_request < 0.07


def test_signed_requests_are_signed_by_their_app() -> None:
    """The signature is over the second half as it stands, padding included."""
    paddings = set()
    for body in logins(list(Traffic(WORLD, replace(CLEAN, signed_requests=1)))):
        if text := body.get("signed_request"):
            head, _, payload = text.partition(".")
            key = WORLD.apps[body["app_id"]].secret.encode()
            mac = hmac.digest(key, payload.encode(), hashlib.sha256)
            assert base64.urlsafe_b64decode(head + "=") == mac
            paddings.add(payload.endswith("="))

    assert paddings == {True, False}


def test_reported_tokens_are_the_persons() -> None:
    """A token that an event carries is the one the Graph API would give."""
    traffic = Traffic(WORLD, replace(CLEAN, business_tokens=0.5))
    list(traffic)

    for scoped_id, token in traffic.report.tokens.items():
        _, app, user = scoped_id.split(":")
        person = WORLD.people.in_app(app)[user]
        owner = WORLD.apps[app].owner
        assert owner
        assert token == WORLD.token_for_business(person, owner)


def test_few_people_cause_most_of_the_traffic() -> None:
    """A tenth of the ids shown account for well over a third of the logins."""
    plan = replace(CLEAN, events=20_000, logins=1)
    shown = Counter(
        (each["app_id"], each["user_id"]) for each in logins(list(Traffic(WORLD, plan)))
    )

    top = sum(count for _, count in shown.most_common(len(shown) // 10))
    assert top / shown.total() > 0.35


def test_most_events_are_about_known_ids() -> None:
    """New ids become rare: the last half of the events shows few."""
    traffic = Traffic(WORLD, replace(CLEAN, events=20_000))
    halfway = 0
    for nth, _ in enumerate(traffic):
        if nth == 10_000:
            halfway = len(traffic.report.sighted)

    assert len(traffic.report.sighted) - halfway < 0.02 * 10_000


def test_nobody_makes_no_traffic() -> None:
    """A world without people is refused; one with only Pages gives webhooks alone."""
    with pytest.raises(EmptyWorldError):
        Traffic(World(WorldBuilder().parts()))
    build = WorldBuilder()
    build.person(build.page("Page", build.business("Owner")))

    events = list(Traffic(World(build.parts()), replace(CLEAN, events=50)))

    assert {each.topic for each in events} == {"webhook"}
