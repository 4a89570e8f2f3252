"""Limits on tickets, which are shown to people and come from outside."""

import pytest
from pydantic import ValidationError

from submit.platform import Ticket

URLS = {name: f"https://queue.fal.run/o/a/requests/abc/{name}" for name in ("response_url", "status_url", "cancel_url")}


def test_a_ticket_as_the_platform_makes_it() -> None:
    assert Ticket(request_id="80e732af-660e-45cd-bd63-580e4f2a94cc", **URLS)


@pytest.mark.parametrize("name", Ticket.model_fields)
@pytest.mark.parametrize("evil", ["a\nb", "abc\n", "\x1b[2J", "a\x00", "\u202eabc", "x" * 2001], ids=ascii)
def test_what_could_fake_a_line_is_no_ticket(name: str, evil: str) -> None:
    with pytest.raises(ValidationError):
        Ticket.model_validate({"request_id": "abc", **URLS, name: evil})
