"""The sample requests and answers of Meta's documents, and the worlds they tell of.

`samples/` holds them as printed, made into valid JSON: `"..."` stands where a document
leaves something out, `corrected` names what it prints by mistake.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idweave_adapters.simulator import World, WorldBuilder
from idweave_adapters.simulator.api.proofs import proof_of
from idweave_adapters.simulator.world import App, Page

LEFT_OUT = "..."

_FILES = sorted((Path(__file__).parent / "samples").glob("*.json"))


def document(name: str) -> dict[str, Any]:
    """All samples of one document."""
    (found,) = [each for each in _FILES if each.stem == name]
    content: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return content


def samples() -> list[tuple[str, dict[str, Any]]]:
    """Document and sample, all of them."""
    return [
        (file.stem, sample)
        for file in _FILES
        for sample in document(file.stem)["samples"]
    ]


@dataclass(frozen=True, slots=True)
class Printed:
    """The world of one document, and what stands in place of its placeholders."""

    world: World
    words: dict[str, str]

    def path(self, sample: dict[str, Any]) -> str:
        """The path, with the id that the token can be asked about."""
        kind = "page" if "page" in self._token(sample) else "app"
        path = sample["path"].replace("{user-id}", self.words[f"{kind} user"])
        path = path.replace("{user-psid}", self.words["page user"])
        return str(path.replace("{user-asid}", self.words["app user"]))

    def params(self, sample: dict[str, Any]) -> dict[str, str]:
        """The parameters, with a genuine token and proof."""
        token = self._token(sample)
        proof = proof_of(self.words[token], self.words["secret"])
        given = {**sample["params"], "access_token": self.words[token]}
        if "appsecret_proof" in given:
            given["appsecret_proof"] = proof
        return given

    def _token(self, sample: dict[str, Any]) -> str:
        return str(sample["params"]["access_token"])


def john() -> Printed:
    """John Smith, the two apps and the Page of the Messenger ID Matching documents."""
    build = WorldBuilder(seed=7)
    owner = build.business("John's")
    games = build.app(
        "John's Game App",
        owner,
        id="1419232575008550",
        category="Business",
        link="https://www.facebook.com/games/?app_id=1419232575008550",
    )
    movies = build.app(
        "JohnsMovieApp",
        owner,
        id="259773517400382",
        link="https://apps.facebook.com/johnsmovieappns/",
        namespace="johnsmovieappns",
    )
    music = build.page(
        "John's Next Great Thing",
        owner,
        id="380374449010653",
        made_by=[movies],
        category="Musician",
        link="https://www.facebook.com/Johns-Next-Great-Thing-380374449010653/",
    )
    ids: dict[App | Page, str] = {
        games: "10152368852405295",
        movies: "645195294",
        music: "12345123",
    }
    build.person(name="John Smith", ids=ids)
    world = World(build.parts())
    words = {
        "[app_access_token]": world.app_token(movies.id),
        "[page_access_token]": world.page_token(music.id, movies.id),
        "secret": movies.secret,
        "app user": ids[movies],
        "page user": ids[music],
    }
    return Printed(world, words)


def studio(user: str) -> Printed:
    """A person who logged into 3 of 5 apps of one business (Business Mapping API).

    Args:
        user: the id in the app that is asked; the two samples print different ones.
    """
    build = WorldBuilder(seed=7)
    owner = build.business("Studio")
    printed = (
        ("647733625268125", "10153949089790582"),
        ("370612223054807", "605665581"),
        ("194890427204075", "10154053730190582"),
    )
    apps = [
        build.app(
            f"Business's App {nth}", owner, id=app, namespace=f"business_app_{nth}"
        )
        for nth, (app, _) in enumerate(printed, start=1)
    ]
    for nth in (4, 5):
        build.app(f"Business's App {nth}", owner)
    users = [user or printed[0][1], *(each for _, each in printed[1:])]
    build.person(ids=dict(zip(apps, users, strict=True)))
    world = World(build.parts())
    words = {
        "[user_access_token]": world.user_token(apps[0].id, users[0]),
        "secret": apps[0].secret,
        "app user": users[0],
        "page user": "",
    }
    return Printed(world, words)


def migration() -> Printed:
    """Two people of an app that may use the Page-Scoped ID API for its Page."""
    build = WorldBuilder(seed=7)
    app = build.app("App", owner := build.business("Owner"))
    page = build.page("Page", owner, made_by=[app])
    build.person(ids={app: "10154673853349851", page: "1535748669783931"})
    build.person(ids={app: "1001789542988", page: "1061502733949241"})
    world = World(build.parts())
    words = {
        "the-page-access-token": world.page_token(page.id, app.id),
        "secret": app.secret,
        "app user": "",
        "page user": "",
    }
    return Printed(world, words)


def world_of(name: str, sample: dict[str, Any]) -> Printed:
    """The world that this sample is about."""
    if name == "page_scoped_id":
        return migration()
    if name == "business_mapping":
        return studio(sample["answer"].get("id", ""))
    return john()
