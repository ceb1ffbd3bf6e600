"""Where settings are stated: flags, the environment, a file. Knows no setting.

No text made here repeats a value: a secret that was put in the wrong place stays out of
the errors too.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ENV_PREFIX = "IDWEAVE_"

VERIFY_VARIABLE = "IDWEAVE_INGRESS_VERIFY_TOKEN"
LOGIN_VARIABLE = "IDWEAVE_INGRESS_LOGIN_TOKEN"
"""Variables that hold tokens, several with blanks between."""

_READ_ELSEWHERE = re.compile(
    "IDWEAVE_(CONFIG|CREDENTIALS|(BUSINESS|PROVIDER)_.*|INGRESS_(VERIFY|LOGIN)_TOKEN"
    "|REQUIRE_(KAFKA|BROWSER)|CHROMIUM|HOSTILE_REQUESTS)"
)
"""The name of the file, credentials and tokens, and what tests read."""

_SERVICE_NAME = re.compile(
    r"IDWEAVE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)"
)
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://.*")


@dataclass(frozen=True, slots=True)
class Stated:
    """One setting as one source states it."""

    name: str
    """Of the setting, if there is one of that name."""
    spelled: str
    """As it stands in the source."""
    origin: str
    value: object = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """All that one source states, and why it may be less than what is in it."""

    stated: tuple[Stated, ...]
    fault: str = ""


def from_flags(flags: Mapping[str, str]) -> Source:
    """What was given on the command line, by name."""
    return Source(tuple(Stated(n, n, "--set", value) for n, value in flags.items()))


def from_environment(environment: Mapping[str, str]) -> Source:
    """The variables with our prefix. An empty one counts as not set."""
    return Source(
        tuple(
            Stated(_name(variable), variable, "environment", value)
            for variable, value in sorted(environment.items())
            if value and _is_ours(variable, value)
        )
    )


def from_file(file: Path | None) -> Source:
    """The top-level names of a TOML file; nothing where there is no file."""
    if file is None:
        return Source(())
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        return Source((), f"file {file}: can't be read ({error.strerror})")
    except UnicodeDecodeError:
        return Source((), f"file {file}: is not UTF-8; save it as such")
    except (ValueError, RecursionError) as error:  # not only the decoder's own
        # Only the position: the parser's own words quote what stands there.
        at = re.search(r"line \d+, column \d+|end of document", str(error))
        where = at.group() if at else "some place"
        return Source((), f"file {file}: is not TOML at {where}; correct it there")
    origin = f"file {file}"
    return Source(tuple(Stated(n, n, origin, value) for n, value in found.items()))


def _name(variable: str) -> str:
    """Return the setting that *variable* names. Only upper case names one."""
    name = variable.removeprefix(ENV_PREFIX)
    return name.lower() if name == name.upper() else variable


def _is_ours(variable: str, value: str) -> bool:
    if not variable.startswith(ENV_PREFIX) or _READ_ELSEWHERE.fullmatch(variable):
        return False
    # Kubernetes tells every pod where a service named "idweave…" is, in variables that
    # begin like ours (Kubernetes, Service: environment variables).
    if variable.endswith("_PORT") and _SERVICE_ADDRESS.fullmatch(value):
        return False
    return not _SERVICE_NAME.fullmatch(variable)
