"""Notation of faults, and the moment they strike."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prep.errors import UsageError
from submit.sandbox.faults.http import EFFECTS
from submit.sandbox.faults.plan import FAULTS, Faults, parse_faults


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("drop-after-accept", "drop-after-accept:1"),
        ("429:3", "429:3"),
        (" 429:3 ,, 5xx-status ", "429:3,5xx-status:1"),
        ("5xx-status:20%,seed:7", "5xx-status:20%,seed:7"),
        ("5xx-status:0.5%,seed:0", "5xx-status:0.5%,seed:0"),
        ("seed:7,429:2", "429:2"),
        ("queue:10s", "queue:1:10s"),
        ("queue:10s:2", "queue:2:10s"),
        ("queue:100%:0.5s,seed:1", "queue:100%:0.5s,seed:1"),
        ("slow-upload", "slow-upload:1:5s"),
        ("expired-url", "expired-url:1:0s"),
    ],
)
def test_what_can_be_written(text: str, written: str) -> None:
    plan = parse_faults(text)
    assert str(plan) == written
    assert str(parse_faults(written)) == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("drop", "no fault 'drop'; choose from slow-upload"),
        ("429:0", "can't parse '0'; 429 takes 3 .* or 20%"),
        ("429:1.5", "'1.5'"),
        ("429:-1", "'-1'"),
        ("429:0%", "'0%'"),
        ("429:101%", "'101%'"),
        ("429:2:3", "can't parse '3'"),
        ("429:2:50%", "'50%'"),
        ("429:5s", "'5s'"),
        ("queue:5s:6s", "'6s'"),
        ("429:", "''"),
        ("429:٣", "'٣'"),
        ("429,429:2", "appears twice"),
        ("seed", "written like seed:7"),
        ("seed:x", "seed:7"),
        ("seed:1,seed:2", "one seed"),
    ],
)
def test_what_is_not_understood(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_faults(text)


def test_a_seed_is_chosen_and_told() -> None:
    plan = parse_faults("429:50%")
    assert parse_faults(str(plan)) == plan


def test_a_count_strikes_so_often_and_then_no_more() -> None:
    faults = Faults(parse_faults("429:2,drop-after-accept"))
    names = [strike.fault if strike else None for strike in (faults.strike("submit") for _ in range(5))]
    assert names == ["429", "429", "drop-after-accept", None, None]
    assert [strike.fault for strike in faults.struck] == names[:3]


def test_a_fault_strikes_at_its_place_only() -> None:
    faults = Faults(parse_faults("5xx-status"))
    assert faults.strike("result") is None
    assert faults.strike("status", only="429") is None
    strike = faults.strike("status")
    assert strike is not None and (strike.fault, strike.place) == ("5xx-status", "status")


@given(
    seed=st.integers(0, 10**6),
    percent=st.integers(1, 99),
    elsewhere=st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_chances_are_the_same_again_whatever_happens_elsewhere(seed: int, percent: int, elsewhere: list[bool]) -> None:
    text = f"5xx-status:{percent}%,5xx-upload:50%,seed:{seed}"
    alone, among = Faults(parse_faults(text)), Faults(parse_faults(text))
    expected = [alone.strike("status") is not None for _ in elsewhere]
    found = []
    for also in elsewhere:
        if also:
            among.strike("upload")
        found.append(among.strike("status") is not None)
    assert found == expected


def test_a_chance_is_what_it_says() -> None:
    faults = Faults(parse_faults("5xx-status:20%,5xx-result:100%,seed:7"))
    assert 150 < sum(faults.strike("status") is not None for _ in range(1000)) < 250
    assert all(faults.strike("result") for _ in range(50))


def test_every_fault_of_a_request_has_an_effect() -> None:
    assert set(EFFECTS) == {name for name, fault in FAULTS.items() if fault.place != "job"}


def test_names_are_keys() -> None:
    assert all(name == fault.name and name != "seed" for name, fault in FAULTS.items())


def details() -> Any:
    return st.lists(st.text("0123456789.%sx-", max_size=4), max_size=3)


@given(st.lists(st.tuples(st.sampled_from([*FAULTS, "seed", "?"]), details()), max_size=3))
def test_any_text_is_a_plan_or_is_refused(items: list[tuple[str, list[str]]]) -> None:
    text = ",".join(":".join([name, *parts]) for name, parts in items)
    try:
        plan = parse_faults(text)
    except UsageError:
        return
    assert str(parse_faults(str(plan))) == str(plan)
