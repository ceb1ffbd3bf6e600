"""Messenger webhooks: raw bodies to sightings of PSIDs, and who signed them."""

from idweave_adapters.webhooks.decode import decode_webhook
from idweave_adapters.webhooks.signature import is_signed

__all__ = ["decode_webhook", "is_signed"]
