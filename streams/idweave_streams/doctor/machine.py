"""Checks of this machine: what is installed, and where the tables will lie."""

import tempfile
from pathlib import Path

from idweave_streams.doctor.engine import installed
from idweave_streams.doctor.findings import Finding, counted, ok, wrong


def check_engine() -> Finding:
    """Every part has the version that idweave is tested with."""
    parts = installed()
    odd = [
        f"{part.name} {part.version or 'missing'} instead of {part.pinned}"
        for part in parts
        if not part.is_as_pinned
    ]
    if odd:
        hint = "install idweave anew, in an environment of its own"
        return wrong("engine", ", ".join(odd), hint)
    return ok("engine", f"{counted(len(parts) - 1, 'part')} as pinned")


def check_data_dir(folder: Path) -> Finding:
    """Tables can be written in *folder*, or it can be made. Leaves no trace."""
    place = folder.absolute()
    nearest = next(p for p in (place, *place.parents) if p.exists())
    hint = "set data_dir to a folder that idweave may write"
    if not nearest.is_dir():
        return wrong("data_dir", f"{nearest} is no folder", hint)
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        return wrong("data_dir", f"can't write in {nearest} ({error.strerror})", hint)
    is_there = nearest == place
    return ok("data_dir", f"{place} {'is writable' if is_there else 'can be made'}")
