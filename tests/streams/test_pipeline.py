"""The stages, the books and the caller are joined as the settings say."""

from dataclasses import dataclass, field

import orjson
import pytest
from tests.support.lookups import ACME, APP, RIVAL
from tests.support.stages import committed, handled, record, sent, values

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import GraphApiError, LookupAnswer
from idweave_adapters.secret import Secret
from idweave_adapters.signed_request import sign
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import Asset, BusinessId
from idweave_graph.messages import Sighting
from idweave_graph.ownership import Ownership
from idweave_streams.agents import assets, ingest, resolve, weave
from idweave_streams.codecs import decode_sightings, encode_ownership
from idweave_streams.local.log import LocalTable
from idweave_streams.pipeline import Outside, Pipeline, StageSpec, build_pipeline
from idweave_streams.reliable import Record
from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE, Lane, LookupTable
from idweave_streams.topics import consumed

SETTINGS = Settings(partitions=4, topic_prefix="test-")
NAMES = SETTINGS.topics
AT_MS = 1_767_225_600_000


@dataclass
class Vault:
    """The secrets that each business has told for its apps."""

    secrets: dict[tuple[BusinessId, Asset], str] = field(default_factory=dict)

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        return None

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        return ()

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        found = self.secrets.get((business, app))
        return () if found is None else (Secret(found),)


class Unasked:
    """A Graph API that nobody may ask here."""

    async def look_up(self, lookups: object) -> list[LookupAnswer | GraphApiError]:
        raise AssertionError("nothing is asked here")


async def publish(answers: object) -> None:
    raise AssertionError("nothing is asked here")


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def pipeline(vault: Vault) -> Pipeline:
    outside = Outside(Unasked(), vault, clock_ms=lambda: AT_MS)
    return build_pipeline(SETTINGS, outside, publish)


def stage(pipeline: Pipeline, name: str) -> StageSpec:
    [found] = [each for each in pipeline.stages if each.name == name]
    return found


def owned(pipeline: Pipeline, business: BusinessId | None) -> None:
    value = encode_ownership(Ownership(APP, business, 1))
    pipeline.ownership.apply(str(APP).encode(), value)


def login(secret: str | None = None) -> Record:
    event = {"app_id": APP.id, "user_id": "5", "time": AT_MS, "login_kind": "classic"}
    if secret is not None:
        payload = {
            "algorithm": "HMAC-SHA256",
            "issued_at": AT_MS // 1000,
            "user_id": "5",
            "token_for_business": "T",
        }
        event["signed_request"] = sign(orjson.dumps(payload), secret.encode())
    return record(NAMES.logins, orjson.dumps(event))


def test_each_topic_that_is_consumed_has_one_stage(pipeline: Pipeline) -> None:
    """And no stage reads another one: what is waited for is what is handled."""
    read = [topic for each in pipeline.stages for topic in each.topics]

    assert sorted(read) == sorted(consumed(NAMES))


def test_each_table_belongs_to_one_stage(pipeline: Pipeline) -> None:
    """Stages of one name or table would get in each other's way."""
    tables = {each.name: each.table for each in pipeline.stages}

    assert tables == {
        assets.STAGE: None,
        ingest.STAGE: None,
        resolve.STAGE: LOOKUP_TABLE,
        weave.STAGE: GRAPH_TABLE,
    }
    assert len(pipeline.stages) == len(tables)


@pytest.mark.parametrize("signer", ["acmes-secret", "rivals-secret"])
def test_a_signed_request_is_verified_with_the_owners_secret(
    pipeline: Pipeline, vault: Vault, signer: str
) -> None:
    """Who owned the app before may know another one, which counts no more."""
    vault.secrets = {(ACME, APP): "acmes-secret", (RIVAL, APP): "rivals-secret"}
    owned(pipeline, ACME)

    unit = handled(stage(pipeline, ingest.STAGE).handle, [login(signer)])

    found = [
        sighting.token_proof
        for value in values(sent(unit, NAMES.sightings))
        for sighting in decode_sightings(value)
        if isinstance(sighting, Sighting)
    ]
    is_owners = signer == "acmes-secret"
    assert found == ([EvidenceKind.SIGNED_REQUEST] if is_owners else [])


@pytest.mark.parametrize("is_known", [True, False])
def test_without_an_owner_nothing_is_verified(
    pipeline: Pipeline, vault: Vault, is_known: bool
) -> None:
    """Between two owners, and where the app is unknown, there is no secret."""
    vault.secrets = {(ACME, APP): "acmes-secret"}
    if is_known:
        owned(pipeline, None)

    unit = handled(stage(pipeline, ingest.STAGE).handle, [login("acmes-secret")])

    assert sent(unit, NAMES.sightings) == []
    assert len(sent(unit, NAMES.dead_letters)) == 1


def test_the_stage_of_lookups_wakes_the_board(pipeline: Pipeline) -> None:
    """From an event to something to ask, once each unit is durable."""
    owned(pipeline, ACME)
    table = LocalTable()
    pipeline.board.assign(0, LookupTable(table))
    unit = handled(stage(pipeline, ingest.STAGE).handle, [login()])
    sightings = values(sent(unit, NAMES.sightings))
    records = [record(NAMES.sightings, value) for value in sightings]

    resolving = stage(pipeline, resolve.STAGE).handle
    handled(resolving, records, table)
    assert pipeline.board.due_lanes(AT_MS) == []

    committed(resolving, records, table)
    [lane] = pipeline.board.due_lanes(AT_MS)
    assert lane.business == ACME


def test_the_caller_keeps_the_limits_of_each_token_that_is_used() -> None:
    """So it is known to it which apps are asked about with a Page's token."""

    class Open(Vault):
        def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
            return Credential(business, asset, APP, Secret("t"), Secret("s"))

    asked: list[Asset] = []

    def asks_by_page(app: Asset) -> bool:
        asked.append(app)
        return False

    outside = Outside(Unasked(), Open(), lambda: AT_MS, asks_by_page)

    build_pipeline(SETTINGS, outside, publish).caller.opens_ms(Lane(ACME, APP))

    assert asked == [APP]


def test_unreadable_records_go_to_the_configured_topic(pipeline: Pipeline) -> None:
    """Each stage knows the topics by the names of this deployment."""
    for each in pipeline.stages:
        unit = handled(each.handle, [record(topic, b"?") for topic in each.topics])

        assert len(sent(unit, NAMES.dead_letters)) == len(each.topics), each.name
