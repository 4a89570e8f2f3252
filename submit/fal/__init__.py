"""The fal platform, through fal_client. The only package that imports it."""

from submit.fal.platform import Fal, key_from_environment

__all__ = ["Fal", "key_from_environment"]
