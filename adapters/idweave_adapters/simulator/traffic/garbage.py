"""Records that nobody can read."""

from random import Random

from idweave_adapters.simulator.traffic.report import Event, Made, Topic


def made(rng: Random, topic: Topic, time_ms: int) -> Made:
    """Bytes that are no event: cut, foreign, binary, or without what identifies anybody."""
    value = rng.choice(_ANY + (_LOGIN if topic == "login" else _WEBHOOK))
    return Made(Event(topic, value, time_ms), (f"{topic}.garbage",), dead="garbage")


_ANY = (
    b"",
    b"null",
    b"[]",
    b'"hello"',
    b"<html><body>502 Bad Gateway</body></html>",
    b'{"object":"page","entry":[{"id":"1","time":17',
    b"\xff\xfe\x00\x01\x02",
    b'{"time":1767225600000,"name":"\xff"}',
)
_LOGIN = (
    b"{}",
    b'{"app_id":"1","time":1767225600000,"login_kind":"classic"}',
    b'{"app_id":"1","user_id":"","time":1767225600000,"login_kind":"classic"}',
    b'{"app_id":"1","user_id":"2","time":"yesterday","login_kind":"classic"}',
)
_WEBHOOK = (
    b"{}",
    b'{"object":"page"}',
    b'{"object":"page","entry":"none"}',
)
