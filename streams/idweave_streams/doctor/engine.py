"""Whether what is installed is what idweave was tested with."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

DISTRIBUTION = "idweave"


@dataclass(frozen=True, slots=True)
class Part:
    """One installed distribution."""

    name: str
    version: str | None
    """None: it is missing."""
    pinned: str | None
    """None: any will do."""

    @property
    def is_as_pinned(self) -> bool:
        """Whether it is the version that was asked for."""
        return self.pinned is None or self.version == self.pinned


def installed() -> list[Part]:
    """List idweave and all that it is pinned to, idweave first."""
    own = Part(DISTRIBUTION, _version(DISTRIBUTION), None)
    return [own, *(Part(name, _version(name), pin) for name, pin in _pins())]


def _pins() -> Iterator[tuple[str, str]]:
    for requirement in requires(DISTRIBUTION) or ():
        name, is_pinned, pin = requirement.partition("==")
        if is_pinned and ";" not in pin:  # what follows is for extras only
            yield name.strip(), pin.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
