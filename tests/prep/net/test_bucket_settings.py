"""Settings of object storage, as each cloud's own tools read them; and which endpoints are this machine."""

import os
from pathlib import Path

import pytest

from prep.errors import UsageError
from prep.net.bucket_settings import is_local, settings_of


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("AWS_", "AZURE_", "GOOGLE_", "STORAGE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")


CREDENTIALS = "[default]\naws_access_key_id = one\naws_secret_access_key = s1\n[work]\naws_access_key_id = two\n"
CONFIG = "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-west-2\nendpoint_url = https://minio.example/\n"
ENDPOINT = "https://minio.example"


@pytest.mark.parametrize(
    ("variables", "config"),
    [
        pytest.param({}, {"access_key_id": "one", "secret_access_key": "s1", "region": "eu-west-1"}, id="default"),
        pytest.param(
            {"AWS_PROFILE": "work"},
            {"access_key_id": "two", "region": "eu-west-2", "endpoint": ENDPOINT},
            id="profile",
        ),
        pytest.param({"AWS_ACCESS_KEY_ID": "mine"}, {"region": "eu-west-1"}, id="variables come first"),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "mine", "AWS_REGION": "us-west-2", "AWS_ENDPOINT_URL": ENDPOINT},
            {"region": "us-west-2", "endpoint": ENDPOINT},
            id="region and endpoint",
        ),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "x", "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b"},
            {"region": "eu-west-1", "endpoint": "http://b"},
            id="the endpoint of S3 before that of all services",
        ),
    ],
)
def test_aws(
    variables: dict[str, str], config: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert settings_of("s3").config == config


def test_a_broken_profile_is_not_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "credentials").write_text("aws_secret_access_key = s3cret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    with pytest.raises(UsageError, match="credentials: not a file of profiles") as caught:
        settings_of("s3")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "config"),
    [
        pytest.param({"AZURE_STORAGE_ACCOUNT": "me", "AZURE_STORAGE_KEY": "k"}, {"account_key": "k"}, id="of az"),
        pytest.param({"AZURE_STORAGE_ACCOUNT_NAME": "me"}, {}, id="of the library"),
        pytest.param(
            {"AZURE_STORAGE_ACCOUNT": "me", "AZURE_STORAGE_SAS_TOKEN": "?sv=1"}, {"sas_key": "?sv=1"}, id="SAS"
        ),
        pytest.param(
            {"AZURE_STORAGE_CONNECTION_STRING": "AccountName=me;AccountKey=a2V5==;BlobEndpoint=http://127.0.0.1:1/me"},
            {"account_key": "a2V5==", "endpoint": "http://127.0.0.1:1/me"},
            id="connection string",
        ),
    ],
)
def test_azure(variables: dict[str, str], config: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert settings_of("az").config == {"account_name": "me", **config}


def test_azure_needs_an_account() -> None:
    with pytest.raises(UsageError, match="set AZURE_STORAGE_ACCOUNT"):
        settings_of("az")


@pytest.mark.parametrize(
    ("variables", "url", "local"),
    [
        ({}, "s3://media/a", False),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}, "s3://media/a", True),
        ({"AWS_ENDPOINT_URL": "http://localhost:9000"}, "S3://media/a", True),
        ({"AWS_ENDPOINT_URL": "http://10.0.0.5:9000"}, "s3://media/a", False),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}, "https://media/a", False),
        ({"STORAGE_EMULATOR_HOST": "[::1]:9000"}, "gs://media/a", True),
    ],
)
def test_which_storage_is_on_this_machine(
    variables: dict[str, str], url: str, local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_local(url) == local


@pytest.mark.parametrize("endpoint", ["127.0.0.1:9000", "ftp://x", "https://"])
def test_an_endpoint_that_is_no_url(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(UsageError, match="AWS_ENDPOINT_URL: not an http:// or https:// URL"):
        settings_of("s3")
