"""Prices in words and as JSON, and bills beside them."""

import json
from decimal import Decimal

import pytest

from prep.pricing.bill import Bill, bill_text, check_bill, read_bill
from prep.pricing.cost import Cost


def _cost(low: str, high: str, unit: str | None = "0.014") -> Cost:
    return Cost(min_usd=Decimal(low), max_usd=Decimal(high), unit_usd=None if unit is None else Decimal(unit))


@pytest.mark.parametrize(
    ("low", "high", "text", "exact"),
    [
        ("1.8220", "1.8220", "$1.82", "$1.8220"),
        ("1.2222", "4.5486", "$1.22–4.55", "$1.2222–4.5486"),
        ("1.5120", "1.5149", "$1.51", "$1.5120–1.5149"),
        ("0.005", "0.005", "$0.01", "$0.0050"),
        ("12", "12", "$12.00", "$12.0000"),
    ],
)
def test_a_price_in_words(low: str, high: str, text: str, exact: str) -> None:
    assert (str(_cost(low, high)), _cost(low, high).exactly()) == (text, exact)


def test_a_price_in_json_is_numbers_and_comes_back() -> None:
    cost = Cost(min_usd=Decimal("1.2222"), max_usd=Decimal("4.5486"), unit_usd=Decimal("0.014"), reasons=("a",))
    assert json.loads(cost.model_dump_json()) == {
        "min_usd": 1.2222,
        "max_usd": 4.5486,
        "unit_usd": 0.014,
        "reasons": ["a"],
    }
    assert Cost.model_validate_json(cost.model_dump_json()) == cost


def test_a_quotation_of_before() -> None:
    cost = Cost.model_validate_json('{"min_usd": 1.2, "max_usd": 4.5}')
    assert (cost.unit_usd, cost.reasons) == (None, ())


@pytest.mark.parametrize(
    ("units", "usd"),
    [
        ("108.9", "1.5246"),
        ("119.7", "1.6758"),
        ("100", "1.4000"),
        ("0", "0.0000"),
        ("1e2", "1.4000"),
        (" 5 ", "0.0700"),
    ],
)
def test_a_bill(units: str, usd: str) -> None:
    assert read_bill(units, _cost("1", "2")) == Bill(units=Decimal(units.strip()), usd=Decimal(usd))


@pytest.mark.parametrize(
    "units", [None, "", "many", "NaN", "Infinity", "1,5", "-1", "1e10", "1e999999", "9" * 400, "1e-999999", "0e99999"]
)
def test_no_bill(units: str | None) -> None:
    assert read_bill(units, _cost("1", "2")) is None


@pytest.mark.parametrize("cost", [None, _cost("1", "2", None)])
def test_a_bill_whose_unit_has_no_price(cost: Cost | None) -> None:
    bill = read_bill("119.7", cost)
    assert bill == Bill(units=Decimal("119.7"))
    assert bill_text(bill, cost) == "billed 119.7 units; the price of a unit is not known"
    assert check_bill(bill, cost) == ()


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ("119.7", "billed 119.7 units; at $0.014 a unit that is $1.68"),
        ("100", "billed 100 units; at $0.014 a unit that is $1.40"),
        ("1e2", "billed 100 units; at $0.014 a unit that is $1.40"),
    ],
)
def test_a_bill_in_words(units: str, text: str) -> None:
    cost = _cost("1", "2")
    bill = read_bill(units, cost)
    assert bill is not None and bill_text(bill, cost) == text


@pytest.mark.parametrize(
    ("usd", "differs"),
    [
        pytest.param("1.98", False, id="1%-under"),
        pytest.param("1.9799", True, id="more-under"),
        pytest.param("2", False, id="lowest"),
        pytest.param("3", False, id="between"),
        pytest.param("4", False, id="highest"),
        pytest.param("4.04", False, id="1%-over"),
        pytest.param("4.0401", True, id="more-over"),
        pytest.param("0", True, id="nothing"),
    ],
)
def test_a_bill_that_differs(usd: str, differs: bool) -> None:
    cost = _cost("2", "4", "0.01")
    bill = read_bill(str(Decimal(usd) * 100), cost)
    findings = check_bill(bill, cost)
    assert [finding.rule for finding in findings] == ["request-bill-differs"] * differs
    for finding in findings:
        assert (finding.severity, finding.actual, finding.allowed) == ("warning", float(usd), "$2.00–4.00")
        assert finding.message.startswith("billed ") and finding.message.endswith("; quoted was $2.00–4.00")


def test_without_a_bill_nothing_differs() -> None:
    assert check_bill(None, _cost("1", "2")) == check_bill(None, None) == ()
