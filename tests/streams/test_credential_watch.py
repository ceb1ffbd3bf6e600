"""Credentials are replaced while a worker runs; nothing is restarted for it."""

import json
import logging
from pathlib import Path

import pytest
from tests.support.lookups import ACME, APP

from idweave_adapters.credentials import Credentials
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, AssetKind
from idweave_streams.credential_watch import CredentialWatch
from idweave_streams.views import HoldBook

OTHER = Asset(AssetKind.APP, "77")
HELD = Hold(ACME, True, 5, 5, 9_000, "credential-refused", APP)
OTHER_HELD = Hold(ACME, True, 5, 5, 9_000, "credential-refused", OTHER)
REVIEW = Hold(ACME, True, 5, 5, 9_000, "policy-hold")
SECRET, NEW = "0123456789abcdef", "fedcba9876543210"


class Desk:
    """A worker's watch over a credentials file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.write(SECRET)
        self.credentials = Credentials([file])
        self.holds = HoldBook()
        self.watch = CredentialWatch(self.credentials, self.holds, every_s=0.01)

    def write(self, secret: str) -> None:
        """State another secret for the app, and the same as ever for the other one."""
        apps = {APP.id: {"secret": secret}, OTHER.id: {"secret": SECRET}}
        self.file.write_text(json.dumps({"businesses": {ACME: {"apps": apps}}}))

    def secret(self) -> str:
        found = self.credentials.for_asset(ACME, APP)
        assert found is not None
        return found.app_secret.reveal()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "credentials.json")


async def test_a_replaced_credential_is_used_and_its_hold_tried_at_once(
    desk: Desk,
) -> None:
    """Not those of other tokens, and not a review: a new secret changes nothing there."""
    for hold in (HELD, OTHER_HELD, REVIEW):
        desk.holds.put(hold)
    desk.write(NEW)

    await desk.watch.look()

    assert desk.secret() == NEW
    probes = {hold.key: hold.probe_ms for hold in desk.holds.held()}
    assert probes == {HELD.key: 0, OTHER_HELD.key: 9_000, REVIEW.key: 9_000}


async def test_without_a_replacement_nothing_is_tried(desk: Desk) -> None:
    """However often it looks."""
    desk.holds.put(HELD)

    await desk.watch.look()

    assert desk.holds.of(ACME, APP) == HELD


async def test_a_credential_that_was_missing_is_tried_when_it_comes(
    desk: Desk,
) -> None:
    """An operator added it; its lookups go on."""
    missing = Hold(ACME, True, 5, 5, 9_000, "no-credential", Asset(AssetKind.APP, "88"))
    desk.holds.put(missing)
    document = json.loads(desk.file.read_text())
    document["businesses"][ACME]["apps"]["88"] = {"secret": NEW}
    desk.file.write_text(json.dumps(document))

    await desk.watch.look()

    [hold] = desk.holds.held()
    assert hold.probe_ms == 0


async def test_faulty_credentials_are_told_and_the_old_ones_stay(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Told once, without a value; when they are corrected, they are taken."""
    desk.file.write_text(json.dumps({"businesses": {ACME: {"apps": [NEW]}}}))

    with caplog.at_level(logging.INFO):
        await desk.watch.look()
        await desk.watch.look()
    [told] = caplog.records
    assert told.levelno == logging.WARNING
    assert desk.secret() == SECRET
    assert NEW not in caplog.text

    desk.write(NEW)
    await desk.watch.look()
    assert desk.secret() == NEW


async def test_a_worker_that_starts_tries_each_held_token(desk: Desk) -> None:
    """It may have been started because of new credentials."""
    desk.holds.put(HELD)
    running = desk.watch.run()

    running.send(None)
    running.close()

    hold = desk.holds.of(ACME, APP)
    assert hold is not None
    assert hold.probe_ms == 0
