"""An ordinary Faust agent that acks by hand and never acks HANG, in its first life.

What it has seen is in the notes. In later lives it acks everything.
"""

import os
from typing import Any

from .common import NOTES, SOURCE, make_app, note, raw_topic, run

HANG = os.environ["HANG"]


def main() -> None:
    """Run it."""
    app = make_app()
    is_first_life = not NOTES.exists()
    hanging = []  # a message that nobody holds would no longer count as in work

    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            value = event.value.decode()
            note(value)
            if is_first_life and value == HANG:
                hanging.append(event)
            else:
                event.ack()

    app.agent(raw_topic(app, SOURCE), name="hanging")(agent)
    run(app)


if __name__ == "__main__":
    main()
