"""The fal platform, through fal_client. The only package that imports it."""

from prep.errors import UsageError

try:
    from submit.fal.platform import Fal, key_from_environment
except RuntimeError as error:  # fal_client asks for the home directory when it is imported
    raise UsageError("fal_client needs a home directory, and this user has none; set HOME to a folder") from error

__all__ = ["Fal", "key_from_environment"]
