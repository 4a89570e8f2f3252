"""Webhooks from the platform: signature check and the platform's public keys."""

from submit.webhook.keys import KeysUnavailable
from submit.webhook.signature import SEEN, Notice, Recent, Replayed, Unverified, averify, verify

__all__ = ["SEEN", "KeysUnavailable", "Notice", "Recent", "Replayed", "Unverified", "averify", "verify"]
