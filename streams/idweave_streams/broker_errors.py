"""What can go wrong between us and the broker, split by what the operator can do.

::

    BrokerError
    ├── BrokerUnavailable   reach the broker
    ├── NotPermitted        get the right to do it
    ├── NotDone             try again: it was accepted and is not to be seen yet
    └── Refused             change what is asked for
"""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import errors
from aiokafka.errors import KafkaError, for_code

# The names are what the operator does, which the suffix "Error" would only blur.
# ruff: noqa: N818


class BrokerError(Exception):
    """The broker did not do what was asked. The text says what to do."""


class BrokerUnavailable(BrokerError):
    """The broker does not answer."""


class NotPermitted(BrokerError):
    """The broker does not allow it."""


class NotDone(BrokerError):
    """It was accepted and is not to be seen yet."""


class Refused(BrokerError):
    """The broker does not take what is asked for."""


_REMEDY = "check the setting kafka, and that the broker runs"

_FORBIDDEN = (
    errors.TopicAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
)
_PASSING = (
    errors.NotControllerError,
    errors.RequestTimedOutError,
    errors.UnknownTopicOrPartitionError,
    errors.LeaderNotAvailableError,
)


def raise_for(code: int, what: str, message: str | None = None) -> None:
    """Raise what the broker's *code* means for *what*; 0 means nothing.

    Raises:
        BrokerError: the one of its kinds that fits.
    """
    if not code:
        return
    kind = for_code(code)
    said = message or kind.__name__.removesuffix("Error")
    if issubclass(kind, _FORBIDDEN):
        raise NotPermitted(f"{what}: not allowed; ask for the right to do it ({said})")
    if issubclass(kind, _PASSING):
        raise NotDone(f"{what}: not now; try again in a minute ({said})")
    raise Refused(f"{what}: the broker refuses it ({said})")


@contextmanager
def translated(servers: str, timeout_s: float) -> Iterator[None]:
    """Turn every failure to reach *servers* into `BrokerUnavailable`."""
    try:
        yield
    except TimeoutError:
        text = f"no answer from {servers} within {timeout_s:g} s; {_REMEDY}"
        raise BrokerUnavailable(text) from None
    except (KafkaError, OSError) as error:
        kind = type(error).__name__
        text = f"no connection to {servers} ({kind}); {_REMEDY}"
        raise BrokerUnavailable(text) from error
