"""Numbers of an output: what supports them, and by which rule."""

import pytest

from itd_pipeline.signals.grounding.numbers import numbers_in, unsupported_numbers
from itd_pipeline.signals.grounding.spelled import with_digits

TEXT = "Give 500 mg of paracetamol every 6 hours; two of 1,000 adults (5 percent) need 1 g."


def missing(output: str, *sources: str) -> list[str]:
    return unsupported_numbers(with_digits(output), [numbers_in(with_digits(source)) for source in sources])


@pytest.mark.parametrize(("output", "expected"), [
    ("500 mg every 6 h", 0),
    ("500 mg every 8 h", 1),
    ("500 g every 6 hours", 1),       # right number, wrong unit
    ("500 of it", 0),                 # no unit written: any unit supports
    ("1000 adults, 2 of them", 0),    # separator and spelled-out number
    ("5% of adults", 0),
    ("5 mg", 1),                      # 5 percent does not support 5 mg
    ("1. Rest\n2. Drink\n3. Wait", 0),   # numbering of a list
    ("One of them", 0),               # a pronoun
    ("three of them", 1),
    ("7 and 7 and 7", 1),             # distinct numbers count once
    ("Take B12", 1),
    ("", 0),
])
def test_numbers_of_the_output_need_support(output: str, expected: int) -> None:
    assert len(missing(output, TEXT)) == expected


@pytest.mark.parametrize(("output", "evidence"), [
    ("0.5 g", "500 mg"), ("500 mg", "0.5 g"), ("250 micrograms", "0.25 mg"), ("14 days", "two weeks"),
    ("18 months", "1.5 years"), ("100 mg/dl", "1 g/L"), ("twelve weeks", "12 weeks"), ("2 times daily", "b.i.d."),
    ("twice a day", "every 12 hours"), ("every 8 hours", "three times a day"), ("half a tablet", "0.5 tablets"),
    ("33 %", "33.3 %"), ("about 5 mg", "4.8 mg"), ("40 %", "40 of 100 patients"), ("25 %", "1 in 4"),
    ("1 in 4", "25 %"), ("50 %", "half of them"), ("the remaining 60 %", "40 %"), ("37.0 °C", "98.6 °F"),
    ("a total of 30 mg", "10 mg and 20 mg"), ("1500 mg daily", "500 mg three times a day"),
    ("5 mg", "5 to 10 mg"), ("5 mg", "5, 10 or 20 mg"), ("120 mmHg", "120/80 mmHg"), ("10 mg", "Dose (mg): 10"),
    ("5 years", "aged 5 to 12"), ("1979", "nineteen seventy nine"), ("11.6", "eleven point six"),
    ("1,500,000", "1.5 million"), ("125 mg", "one hundred and twenty five mg"), ("50 mg", "fifty M G"),
])
def test_a_rule_derives_it(output: str, evidence: str) -> None:
    assert missing(output, evidence) == []


@pytest.mark.parametrize(("output", "evidence"), [
    ("5 g", "500 mg"), ("50 mcg", "50 mg"), ("15 days", "two weeks"), ("every 6 hours", "three times a day"),
    ("34 %", "33.3 %"), ("5 mg", "4.8 mg"), ("41 %", "40 of 100 patients"), ("60 %", "40 %"), ("30 mg", "10 mg and "
                                                                                                        "20 mg"),
    ("1500 mg", "500 mg three times a day"), ("10 mg", "10 patients"), ("38 °C", "98.6 °F"), ("500 mg/kg", "500 mg"),
    ("0.3 mL", "epinephrine 1:1000, 0.3 mg"),
])
def test_no_rule_derives_it(output: str, evidence: str) -> None:
    assert len(missing(output, evidence)) == 1


def test_codes_are_claims_as_whole_words_and_hyphens_do_not_matter() -> None:
    assert missing("E11.9 and B12", "code E11.9, vitamin B-12") == []
    assert missing("type-2 diabetes", "type 2 diabetes") == []
    assert missing("E11.8", "code E11.9") == ["e11.8"]
