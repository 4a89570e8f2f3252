"""Webhooks from the platform: signature check, public keys, and the receiver that moves the journal on."""

from submit.errors import KeysUnavailable, Replayed, Unverified
from submit.webhook.receiver import Delivery, areceive, receive
from submit.webhook.signature import SEEN, Notice, Recent, averify, verify

__all__ = [
    "SEEN",
    "Delivery",
    "KeysUnavailable",
    "Notice",
    "Recent",
    "Replayed",
    "Unverified",
    "areceive",
    "averify",
    "receive",
    "verify",
]
