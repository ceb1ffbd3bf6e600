"""Meta's question whether an address is ours, asked when a webhook is set up.

Source: Meta, Messenger Platform, webhooks: verification requests.
"""

import re
from typing import Final
from urllib.parse import parse_qsl

from idweave_adapters.ingress.tokens import Tokens

_MOST_FIELDS: Final = 16
_CHALLENGE: Final = re.compile(r"[!-~]{1,256}")


def answer_to(query: str, tokens: Tokens) -> str | None:
    """Return what to answer, or None if the question is not to be answered.

    The challenge is a number today; any visible ASCII is given back, so that it may
    become something else. A field that comes twice could be read in two ways, so it is
    refused.

    Args:
        query: the query string as it was sent.
        tokens: the verify tokens; any of them will do.
    """
    fields = _fields(query)
    # The token is looked at first and always, so that time tells nothing about it.
    is_ours = tokens.admit(fields.get("hub.verify_token", ""))
    challenge = fields.get("hub.challenge", "")
    is_question = fields.get("hub.mode") == "subscribe"
    if is_ours and is_question and _CHALLENGE.fullmatch(challenge):
        return challenge
    return None


def _fields(query: str) -> dict[str, str]:
    """Read the query; a repeated name, bad UTF-8 or too many fields give nothing."""
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return {}
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else {}
