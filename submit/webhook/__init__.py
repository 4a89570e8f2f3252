"""Webhooks from the platform: signature check and the platform's public keys."""

from submit.errors import KeysUnavailable, Replayed, Unverified
from submit.webhook.signature import SEEN, Notice, Recent, averify, verify

__all__ = ["SEEN", "KeysUnavailable", "Notice", "Recent", "Replayed", "Unverified", "averify", "verify"]
