"""What each business, its apps and Pages authenticate with, and how it is replaced.

The document form, as JSON or TOML::

    {"businesses": {"<business id>": {
        "token": "...", "app": "<app id that made it>",
        "apps":  {"<app id>":  {"secret": "..."}},
        "pages": {"<page id>": {"token": "...", "app": "<app id that made it>"}}}},
     "providers": {"<app id>": {"secret": "...", "business": "<its owner>"}}}

`secret` may be a list while a secret is rotated: the first one signs calls, each is
accepted on what comes in. `providers` are apps of service providers, not owned by the
business whose Pages they manage; a Page token made by one can be stated here, and who
checks business boundaries by the owner of `made_by` refuses to use it. Their owner
may be stated for the reader; nothing is concluded from it.

A business's own `token` is that of one of its system users, with the permission
`business_management`. It is optional and reads only who owns what; so is its `app`,
whose secret then proves the token.

The same facts can lie in a folder, one secret a file (several lines while rotating),
or in the environment, one secret a variable (several words while rotating)::

    business.<id>.token               IDWEAVE_BUSINESS_<id>_TOKEN
    business.<id>.app                 IDWEAVE_BUSINESS_<id>_APP
    business.<id>.app.<id>.secret     IDWEAVE_BUSINESS_<id>_APP_<id>_SECRET
    business.<id>.page.<id>.token     IDWEAVE_BUSINESS_<id>_PAGE_<id>_TOKEN
    business.<id>.page.<id>.app       IDWEAVE_BUSINESS_<id>_PAGE_<id>_APP
    provider.<id>.secret              IDWEAVE_PROVIDER_<id>_SECRET

A folder may hold documents too, and `IDWEAVE_CREDENTIALS` a JSON document. All sources
add up; a fact stated twice is an error, since nobody could say which one holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from idweave_adapters.credential_sources import (
    Finding,
    Read,
    Unreadable,
    files_of,
    read_document,
    read_environment,
    read_file,
    shown,
)
from idweave_adapters.secret import InvalidSecretError, Secret
from idweave_graph.ids import Asset, AssetKind, BusinessId, InvalidIdError, business_id


class CredentialsError(ValueError):
    """Credentials that can't be used. Names every place to correct, and no value."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(("correct the credentials", *self.problems)))


@dataclass(frozen=True, slots=True)
class Credential:
    """What one asset of one business calls the Graph API with."""

    business: BusinessId
    asset: Asset
    made_by: Asset
    """The app that made the token: the asset itself, or the app that manages the Page."""
    token: Secret
    app_secret: Secret
    """The secret of `made_by`, which proves the token."""

    def __post_init__(self) -> None:
        if self.made_by.kind is not AssetKind.APP:
            msg = "a token is made by an app"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class BusinessCredential:
    """What the lists of one business's assets are read with."""

    business: BusinessId
    token: Secret
    made_by: Asset | None = None
    """The app that made the token, if it is stated."""
    app_secret: Secret | None = None
    """The secret of `made_by`, which proves the token; without one there is no proof."""


_NO_PART = "is no part of the form; remove it or correct its name"

_Fingerprint = tuple[tuple[str, int, int, int, int], ...]
_Owned = tuple[BusinessId, Asset]


@dataclass(slots=True)
class _Vault:
    """One reading of all sources. Never changed once it is complete."""

    secrets: dict[_Owned, tuple[Secret, ...]] = field(default_factory=dict)
    providers: dict[Asset, tuple[Secret, ...]] = field(default_factory=dict)
    tokens: dict[_Owned, Secret] = field(default_factory=dict)
    makers: dict[_Owned, Asset] = field(default_factory=dict)
    made: dict[_Owned, tuple[Asset, ...]] = field(default_factory=dict)
    """`makers` the other way round: the Pages of an app, by their ids."""
    business_tokens: dict[BusinessId, Secret] = field(default_factory=dict)
    business_makers: dict[BusinessId, Asset] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def credential(self, business: BusinessId, asset: Asset) -> Credential | None:
        key = (business, asset)
        if secrets := self.secrets.get(key):
            token = Secret(f"{asset.id}|{secrets[0].reveal()}")
            return Credential(business, asset, asset, token, secrets[0])
        if key not in self.tokens:
            return None
        maker = self.makers[key]
        secret = self.maker_secrets(business, maker)[0]
        return Credential(business, asset, maker, self.tokens[key], secret)

    def business_credential(self, business: BusinessId) -> BusinessCredential | None:
        token = self.business_tokens.get(business)
        maker = self.business_makers.get(business)
        if token is None or maker is None:
            return None if token is None else BusinessCredential(business, token)
        secret = self.maker_secrets(business, maker)[0]
        return BusinessCredential(business, token, maker, secret)

    def maker_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        return self.secrets.get((business, app)) or self.providers.get(app, ())


class Credentials:
    """The credentials of all businesses, replaceable while running.

    A replacement is taken whole or not at all: while the new form is faulty, the
    last good one stays in force.
    """

    def __init__(
        self, paths: Iterable[Path] = (), environ: Mapping[str, str] | None = None
    ) -> None:
        """Read all sources.

        Args:
            paths: documents and folders.
            environ: the environment, if it is to be read.

        Raises:
            CredentialsError: with all problems of all sources.
        """
        self._paths = tuple(paths)
        self._environ = dict(environ or {})
        self._seen = self._fingerprint()
        self._vault = _assemble(self._read())

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "Credentials":
        """Credentials of a document that is already parsed. `reload` changes nothing.

        Raises:
            CredentialsError: with all problems of the document.
        """
        vault = _assemble(read_document("document", document))
        credentials = cls()
        credentials._vault = vault
        return credentials

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        """What *asset* of *business* calls with, or None if nothing is known."""
        return self._vault.credential(business, asset)

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        """The Pages of *business* whose tokens *app* made, in a fixed order.

        So each worker that needs one of them takes the same one.
        """
        return self._vault.made.get((business, app), ())

    def for_business(self, business: BusinessId) -> BusinessCredential | None:
        """What the lists of *business* are read with, or None if nothing is known."""
        return self._vault.business_credential(business)

    def businesses(self) -> tuple[BusinessId, ...]:
        """Every business that anything is stated for, in a fixed order."""
        vault = self._vault
        owners = {owner for owner, _ in (*vault.secrets, *vault.tokens)}
        return tuple(sorted(owners | set(vault.business_tokens)))

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        """All secrets that may have signed what came in for *app*; two while rotating."""
        return self._vault.secrets.get((business, app), ())

    def assets(self) -> tuple[tuple[BusinessId, Asset], ...]:
        """Every asset that can authenticate, in a fixed order."""
        return tuple(sorted({*self._vault.secrets, *self._vault.tokens}))

    def reload(self, *, force: bool = False) -> bool:
        """Take the sources as they are now, if their files changed.

        Returns:
            Whether they were read again.

        Raises:
            CredentialsError: the new form is faulty; the old one stays in force, and
                the faulty one is not read again until it changes.
        """
        now = self._fingerprint()
        if not self._paths or (now == self._seen and not force):
            return False
        self._seen = now
        self._vault = _assemble(self._read())
        return True

    def _files(self) -> list[Path]:
        return [file for path in self._paths for file in files_of(path)]

    def _fingerprint(self) -> _Fingerprint:
        marks = []
        for file in self._files():
            try:
                stat = file.stat()
            except OSError:
                continue  # gone, or never there: reading it says so
            # The change time tells of permissions that were put right, too.
            times = stat.st_mtime_ns, stat.st_ctime_ns
            marks.append((str(file), *times, stat.st_size, stat.st_ino))
        return tuple(marks)

    def _read(self) -> Iterable[Read]:
        for file in self._files():
            yield from read_file(file)
        yield from read_environment(self._environ)


def _assemble(reads: Iterable[Read]) -> _Vault:
    vault = _Vault()
    stated: dict[tuple[str, ...], Finding] = {}
    for read in reads:
        if isinstance(read, Unreadable):
            vault.problems.append(read.text)
        elif first := stated.get(read.path):
            vault.problems.append(f"{read.place}: also stated in {first.origin}")
        else:
            stated[read.path] = read
    for finding in stated.values():
        _take(vault, finding)
    _check_tokens(vault, stated)
    _check_owners(vault)
    vault.made = _made(vault.makers)
    if vault.problems:
        raise CredentialsError(vault.problems)
    return vault


def _made(makers: Mapping[_Owned, Asset]) -> dict[_Owned, tuple[Asset, ...]]:
    """The Pages of each app, by their ids."""
    made: defaultdict[_Owned, list[Asset]] = defaultdict(list)
    for (owner, page), maker in sorted(makers.items()):
        made[owner, maker].append(page)
    return {app: tuple(pages) for app, pages in made.items()}


def _take(vault: _Vault, finding: Finding) -> None:
    try:
        match finding.path:
            case ("businesses", owner, *below):
                _take_of_business(vault, business_id(owner), below, finding.value)
            case ("providers", app, "secret"):
                vault.providers[Asset(AssetKind.APP, app)] = _secrets(finding.value)
            case ("providers", _, "business"):
                _check_owner(finding.value)
            case ():
                msg = "must be an object with businesses"
                raise InvalidIdError(msg)  # noqa: TRY301 - all faults end in one place
            case _:
                raise InvalidIdError(_NO_PART)  # noqa: TRY301
    except (InvalidIdError, InvalidSecretError) as error:
        vault.problems.append(f"{finding.place}: {error}")


def _take_of_business(
    vault: _Vault, owner: BusinessId, below: Sequence[str], value: object
) -> None:
    match below:
        case ("token",):
            vault.business_tokens[owner] = _secret(value)
        case ("app",):
            vault.business_makers[owner] = _maker(value)
        case ("apps", app, "secret"):
            vault.secrets[owner, Asset(AssetKind.APP, app)] = _secrets(value)
        case ("pages", page, "token"):
            vault.tokens[owner, Asset(AssetKind.PAGE, page)] = _secret(value)
        case ("pages", page, "app"):
            vault.makers[owner, Asset(AssetKind.PAGE, page)] = _maker(value)
        case _:
            raise InvalidIdError(_NO_PART)


def _secret(value: object) -> Secret:
    if not isinstance(value, str):
        msg = "must be a text"
        raise InvalidSecretError(msg)
    return Secret(value)


def _secrets(value: object) -> tuple[Secret, ...]:
    values = value if isinstance(value, list) else [value]
    if not values:
        msg = "must hold a secret"
        raise InvalidSecretError(msg)
    return tuple(_secret(each) for each in values)


def _maker(value: object) -> Asset:
    if not isinstance(value, str):
        msg = "must be the id of an app, as a text"
        raise InvalidIdError(msg)
    return Asset(AssetKind.APP, value)


def _check_owner(value: object) -> None:
    if value is None:
        return  # an app in no business
    if not isinstance(value, str):
        msg = "must be the id of a business, as a text"
        raise InvalidIdError(msg)
    business_id(value)


def _check_tokens(vault: _Vault, stated: Mapping[tuple[str, ...], Finding]) -> None:
    """Each token needs its maker, and its maker's secret, to be proved with."""
    for path, finding in stated.items():
        match path:
            case ("businesses", _, "pages", _, "token"):
                if (*path[:-1], "app") not in stated:
                    vault.problems.append(
                        f"{finding.place}: say in `app` which app made it"
                    )
            case ("businesses", owner, "pages", page, "app"):
                key = (BusinessId(owner), Asset(AssetKind.PAGE, page))
                _check_maker(vault, finding, vault.makers.get(key), stated)
            case ("businesses", owner, "app"):
                maker = vault.business_makers.get(BusinessId(owner))
                _check_maker(vault, finding, maker, stated)
            case _:
                pass


def _check_maker(
    vault: _Vault,
    finding: Finding,
    maker: Asset | None,
    stated: Mapping[tuple[str, ...], Finding],
) -> None:
    owner, above = finding.path[1], finding.path[:-1]
    if (*above, "token") not in stated:
        what = "Page" if "pages" in above else "business"
        vault.problems.append(f"{finding.place}: the {what} has no token: add it")
    if maker is None:
        return  # its own fault is already told
    own = ("businesses", owner, "apps", maker.id, "secret")
    if own not in stated and ("providers", maker.id, "secret") not in stated:
        vault.problems.append(
            f"{finding.place}: the secret of this app is missing; add it to the apps of"
            " the business, or to `providers` if the business does not own it"
        )


def _check_owners(vault: _Vault) -> None:
    """An asset has one owner (Meta Business Manager), so two would mix people up."""
    owners: dict[Asset, BusinessId] = {}
    for owner, asset in sorted({*vault.secrets, *vault.tokens}):
        if (first := owners.setdefault(asset, owner)) != owner:
            vault.problems.append(
                f"{asset.kind} {shown(asset.id)}: listed by the businesses"
                f" {shown(first)} and {shown(owner)}; an asset has one owner"
            )
