"""Webhooks from the platform: signature check and the platform's public keys."""

from submit.webhook.signature import verify

__all__ = ["verify"]
