"""Check of the key under which erasures are remembered."""

from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.key_file import KeyFileError
from idweave_streams.doctor.findings import Finding, counted, ok, warning, wrong
from idweave_streams.settings import Settings

NAME = "erasures"
HOW = "`openssl rand -hex 32 > FILE`, and state erasure_key_file = FILE for all workers"
"""What to do where there is no key."""


def check_erasures(settings: Settings) -> Finding:
    """Erasures are remembered, so that old events bring nobody back."""
    file = settings.erasure_key_file
    if file is None:
        result = "erased ids are not remembered, so old events can bring them back"
        return warning(NAME, result, HOW)
    try:
        ErasureKey.from_file(file)
    except KeyFileError as error:
        return wrong(NAME, str(error), "let idweave read erasure_key_file")
    return ok(NAME, f"remembered for {counted(settings.erasure_memory_days, 'day')}")
