"""Recognisers for Spanish clinical notes."""

from __future__ import annotations

from itd_pipeline.text.identifiers.finding import Recogniser, RuleRecogniser
from itd_pipeline.text.identifiers.packs import SPANISH
from itd_pipeline.text.identifiers.spanish.dates import AGES, DATES
from itd_pipeline.text.identifiers.spanish.names import NameRecogniser
from itd_pipeline.text.identifiers.spanish.numbers import CONTACT_RULES, NUMBER_RULES
from itd_pipeline.text.identifiers.spanish.places import ADDRESSES, PLACE_RULES, HospitalRecogniser, TownRecogniser
from itd_pipeline.text.identifiers.spanish.signature import SignatureRecogniser

RECOGNISERS: tuple[Recogniser, ...] = (
    RuleRecogniser(DATES + AGES, SPANISH),
    RuleRecogniser(CONTACT_RULES, SPANISH),
    RuleRecogniser(NUMBER_RULES, SPANISH),
    RuleRecogniser(ADDRESSES + PLACE_RULES, SPANISH),
    HospitalRecogniser(),
    TownRecogniser(),
    NameRecogniser(),
    SignatureRecogniser(),
)
