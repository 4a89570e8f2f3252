"""Settings of object storage from the environment: endpoint, region and credentials, as each cloud's own tools do.

Nothing here is shown, logged or stored.
"""

import configparser
import os
import shutil
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from prep.errors import UsageError
from prep.model.redact import shown
from prep.net.object_url import is_object_url

# The tool `az` and the library name the same things differently.
AZURE = {
    "account_name": ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"),
    "account_key": ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY"),
    "sas_key": ("AZURE_STORAGE_SAS_KEY", "AZURE_STORAGE_SAS_TOKEN"),
}
# In a connection string.
AZURE_FIELDS = {"AccountName": "account_name", "AccountKey": "account_key", "SharedAccessSignature": "sas_key"}
# With any of these the library asks for a token by itself.
AZURE_IDENTITY = ("AZURE_CLIENT_ID", "AZURE_STORAGE_CLIENT_ID", "AZURE_STORAGE_TOKEN", "AZURE_FEDERATED_TOKEN_FILE")
AWS_KEYS = {
    "access_key_id": "aws_access_key_id",
    "secret_access_key": "aws_secret_access_key",
    "session_token": "aws_session_token",
}


class Settings(NamedTuple):
    """*config* goes over what the library reads from the environment. *endpoint* is what the environment names."""

    config: Mapping[str, Any]
    endpoint: str | None = None

    @property
    def allow_http(self) -> bool:
        """The user's own environment names the endpoint, so that it is trusted wherever it leads."""
        return (self.endpoint or "").startswith("http://")

    @property
    def local(self) -> bool:
        """Whether the endpoint is this machine."""
        host = urlsplit(self.endpoint or "").hostname or ""
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False


def settings_of(scheme: str) -> Settings:
    """The settings for *scheme*. Raises UsageError for an endpoint that is no URL, and files that can't be read."""
    return {"s3": _aws, "gs": _google, "az": _azure}[scheme]()


def is_local(url: str) -> bool:
    """Whether *url* is in object storage on this machine."""
    return is_object_url(url) and settings_of(url.partition("://")[0].lower()).local


def _aws() -> Settings:
    profile = _profile()
    config = {}
    if not os.environ.get("AWS_ACCESS_KEY_ID"):
        config = {name: profile[key] for name, key in AWS_KEYS.items() if key in profile}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or profile.get("region")
    named = (os.environ.get("AWS_ENDPOINT_URL_S3"), os.environ.get("AWS_ENDPOINT_URL"), profile.get("endpoint_url"))
    endpoint = next((url for url in named if url), None)
    if endpoint and (not endpoint.startswith(("http://", "https://")) or not urlsplit(endpoint).hostname):
        raise UsageError(f"AWS_ENDPOINT_URL: not an http:// or https:// URL: {shown(endpoint)}")
    extra = {"region": region or "us-east-1", **({"endpoint": endpoint.rstrip("/")} if endpoint else {})}
    return Settings({**config, **extra}, endpoint)


def _profile() -> Mapping[str, str]:
    """The profile in the files that `aws configure` writes: that in AWS_PROFILE, or the default one."""
    name = os.environ.get("AWS_PROFILE") or "default"
    home = Path(os.path.expanduser("~/.aws"))
    files = (
        (os.environ.get("AWS_CONFIG_FILE") or home / "config", name if name == "default" else f"profile {name}"),
        (os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials", name),
    )
    profile: dict[str, str] = {}
    for path, section in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, "utf-8")
            profile |= dict(parser[section]) if parser.has_section(section) else {}
        except (OSError, UnicodeDecodeError, configparser.Error):  # its message would quote the file
            raise UsageError(f"{shown(path)}: not a file of profiles as `aws configure` writes it") from None
    return profile


def _google() -> Settings:
    endpoint = os.environ.get("STORAGE_EMULATOR_HOST", "")
    if not endpoint:
        return Settings({})
    endpoint = endpoint if "://" in endpoint else f"http://{endpoint}"
    return Settings({"base_url": endpoint.rstrip("/"), "skip_signature": True}, endpoint)


def _azure() -> Settings:
    config: dict[str, Any] = {}
    for part in os.environ.get("AZURE_STORAGE_CONNECTION_STRING", "").split(";"):
        field, _, value = part.partition("=")
        if field == "BlobEndpoint":
            config["endpoint"] = value.rstrip("/")
        elif field in AZURE_FIELDS and value:
            config[AZURE_FIELDS[field]] = value
    for name, variables in AZURE.items():
        values = [os.environ[variable] for variable in variables if os.environ.get(variable)]
        if values:
            config[name] = values[0]
    if "account_name" not in config:
        raise UsageError("az:// needs the name of the storage account: set AZURE_STORAGE_ACCOUNT")
    signed = "account_key" in config or "sas_key" in config or any(map(os.environ.get, AZURE_IDENTITY))
    if not signed and shutil.which("az"):
        config["use_azure_cli"] = True
    return Settings(config, os.environ.get("AZURE_STORAGE_ENDPOINT") or config.get("endpoint"))
