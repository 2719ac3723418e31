"""Addresses and institutions: every place smaller than a state (45 CFR 164.514(b)(2)(i)(B)).

A kind of clinic (Diabetes Clinic, Emergency Department) is no place: only a proper name before the noun makes one.
`ADDRESSES` is precise enough for the scan of published text; `PLACES` needs the context of a patient's record.
"""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.drug_names import is_drug
from itd_pipeline.text.identifiers.eponyms import is_eponym
from itd_pipeline.text.identifiers.everyday_words import is_everyday
from itd_pipeline.text.identifiers.finding import Rule, gated
from itd_pipeline.text.identifiers.gates import has, shaped
from itd_pipeline.text.identifiers.gazetteer import is_region
from itd_pipeline.text.identifiers.lexicon import is_word
from itd_pipeline.text.identifiers.peoples import is_people

_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w'\u2019.-]*"
STREET = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Terrace|Ter|Crescent|Cres|Close|"
    r"Gardens|Grove|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Trl|Way|Place|Pl|Square|Sq|Mews|Row|Walk|Plaza|Loop|"
    r"Alley|Turnpike|Pike|Path|Run|Ridge|Hill|Green|Park|Quay|Parade|STREET|AVENUE|ROAD|LANE|DRIVE|BLVD|COURT|ST|AVE|"
    r"RD|LN|DR)"
)
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|"
    r"W[AIVY]|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|"
    r"Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|"
    r"Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|Mexico|York)|(?:North|South) (?:Carolina|Dakota)|Ohio|"
    r"Oklahoma|Oregon|Pennsylvania|Rhode Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|"
    r"Wisconsin|Wyoming)"
)
_POSTCODE = r"(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2})"
_UNIT = r"(?:,?\s*(?:Apt|Apartment|Unit|Suite|Ste|Flat|Floor|Room|Rm|#)\.?\s*#?\s?[\w-]+)"
_CITY = r"[A-ZÀ-ÖØ-Þ][\w'\u2019.-]*(?: [A-ZÀ-ÖØ-Þ][\w'\u2019.-]*){0,2}"
_TAIL = (
    rf"(?:,?\s+{_CITY})??(?:,?\s+{_STATE}\b)(?:\s+\d{{5}}(?:-\d{{4}})?)?|"
    rf"(?:,?\s+{_CITY}){{1,2}}?,?\s+{_POSTCODE}|,?\s+\d{{5}}(?:-\d{{4}})?\b"
)

KIND_OF_PLACE = (
    r"(?:Hospitals?|Medical (?:Cent(?:er|re)|Group|Associates|Clinic|Practice|College|School|Plaza|Campus)|Clinics?|"
    r"Infirmary|Health "
    r"(?:System|Cent(?:er|re)|Services|Network|Department)|Healthcare|Hospice|Nursing (?:Home|Facility|Cent(?:er|"
    r"re))|Surgery|"
    r"Care (?:Home|Cent(?:er|re))|Rehab(?:ilitation)?(?: (?:Hospital|Cent(?:er|re)|Facility|Institute))?|Pharmacy|NHS"
    r"(?: Foundation)?"
    r" Trust|Practice|Cent(?:er|re)|Associates|Elementary|Primary(?! \w)|Ltd|LLC|Inc|plc|Services|University|"
    r"Memorial|"
    r"General|Manor|Institute|Laborator(?:y|ies)|(?:Primary|High|Elementary|Middle) School|School|Academy|"
    r"College|Prison|Jail|Shelter|Senior Living|Assisted Living|Family (?:Practice|Medicine)|Children's|Sanatorium|"
    r"Radiology|Imaging)"
)
GENERIC_PLACE_WORDS = frozenset(re.findall(r"\S+", """
    the a an this that our your my his her their its at in to from of for and or with by on is was no any local
    general emergency acute chronic care day night outpatient inpatient out in walk walk-in urgent primary
    secondary tertiary regional community district county university teaching referring outside psychiatric
    mental rehabilitation rehab rehabilitation surgical surgery medical medicine memory pain diabetes diabetic
    heart failure hypertension lipid anticoagulation coumadin warfarin inr wound fracture chest breast cancer
    oncology haematology hematology cardiology neurology nephrology renal urology gastroenterology gi endocrine
    endocrinology dermatology skin eye ophthalmology ent ear nose throat orthopedic orthopaedic orthopedics
    orthopaedics pediatric paediatric pediatrics paediatrics geriatric geriatrics falls rapid access family
    internal women's womens men's children's childrens maternity antenatal prenatal postnatal gynecology
    gynaecology obstetric obstetrics fertility sexual health std hiv infectious disease diseases hepatology
    liver transplant pre-op preoperative pre-admission vascular vein stroke tia epilepsy seizure headache
    migraine movement disorder disorders sleep allergy immunology asthma copd respiratory pulmonary chest lung
    tb arrhythmia pacemaker device icd genetics genetic rheumatology arthritis osteoporosis bone nutrition
    dietetic weight obesity bariatric physical physiotherapy occupational speech therapy dental oral hearing
    audiology vision optometry foot podiatry nursing nurse-led nurse gp follow-up followup veterans veteran new
    old north south east west central national state city open laparoscopic robotic cosmetic plastic bypass
    cataract major minor elective spine spinal hand hip knee shoulder brain cardiac cardiothoracic thoracic
    bowel abdominal abdomen colorectal bariatric previous past prior skilled long-term short-term long term
    short assisted senior home private public free specialist specialty clinical pathology radiology diagnostic
    imaging laboratory lab blood patient patients admitted admission discharge discharged transfer transferred
    name facility location psychiatry behavioral behavioural addiction substance detox methadone hospital clinic
    center centre department ward unit high middle elementary social human protective child emergency coding
    room rooms recovery labor labour operating operative postanesthesia anesthesia anaesthesia intensive endoscopy suite
    catheterization catheterisation preoperative holding angio telemetry stepdown step-down area homeless
    ed er icu ccu nicu picu micu sicu pacu or cath l&d a&e ae pcp gp ob obgyn snf ltac itu hdu ot op ip iv im po eoc
    academic best does is are can any referral tertiary-care high-volume low-volume multicenter multi-center single
    rural urban participating magnet affiliated accredited european american canadian british
    supportive comfort call contact team attending attended attends intervention nonsurgical non-surgical under
    post postoperative during after before she he they
"""))
_PROPER = r"(?:[A-ZÀ-ÖØ-Þ]\w{0,2}\.|[A-ZÀ-ÖØ-Þ][\w'\u2019&-]*)"
_LOCATION = (
    r"(?:[Ww]ard|WARD|[Rr]oom|ROOM|Rm\.?|[Bb]ay|[Bb]ed|BED|[Ss]uite|[Cc]ubicle|[Ss]ide ?room|[Rr]esus|[Tt]heatre|"
    r"[Oo]perating [Rr]oom|[Ff]loor)"
    r" (?:[A-Z]{0,2}-?\d{1,4}[A-Za-z]?|[A-Z])(?![\w-])"
)


_OPERATION = re.compile(r"(?:Surgery|Imaging|Radiology|Services|Practice|Care|General|Primary)$")
_PLACED = re.compile(r"\b(?:[Aa]t|[Ff]rom|[Tt]o|[Vv]ia)(?: the)? $")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_AS_AUTHOR = re.compile(r"(?i)\b(?:recommendations?|guidelines?|guidance|stud(?:y|ies)|criteria|statements?|according|"
                        r"published|research|websites?)\b[^.\n]{0,12} (?:from|by|of|to|at) (?:the )?$")


def gives_advice(text: str, start: int) -> bool:
    """Whether the institution at `start` is spoken of as an author (guidelines from the Mayo Clinic): nobody was
    treated there."""
    return _AS_AUTHOR.search(text, max(0, start - 50), start) is not None


def _proper_name(match: re.Match[str]) -> bool:
    if gives_advice(match.string, match.start("proper")):
        return False
    name = match["proper"].replace("\u2019", "'")
    words = [word.strip(".,") for word in name.split()]
    if _OPERATION.search(match.group()) and all(is_word(word) for word in words) and (
            not _PLACED.search(match.string, max(0, match.start() - 12), match.start())):
        return False  # an operation or a kind of care
    return any(word.lower() not in GENERIC_PLACE_WORDS and not word.islower() for word in words)


def _proper_place(match: re.Match[str]) -> bool:
    words = [word.strip(".,") for word in match["proper"].split()]
    return (
        _proper_name(match)
        and not all(is_everyday(word) for word in words)
        and not is_eponym(match.string, *match.span("proper"))
        and not is_region(match["proper"].strip(" .,"))
        and not all(is_people(word) for word in words)
    )


def _no_drug_place(match: re.Match[str]) -> bool:
    return _proper_place(match) and not any(is_drug(word.strip(".,")) for word in match["proper"].split())


def _town_and_code(match: re.Match[str]) -> bool:
    words = re.findall(r"[^\W\d_]{3,}", match["it"])
    return not any(is_everyday(word) or is_drug(word) or is_month(word) for word in words)


def is_month(word: str) -> bool:
    """Whether a capitalised word is a month."""
    return re.fullmatch(_MONTH, word) is not None


def _unknown_place(match: re.Match[str]) -> bool:
    words = [word.strip(".,") for word in match["proper"].split()]
    return _proper_place(match) and not any(is_word(word) or is_drug(word) for word in words)


_KIND_PIECES = (
    "hospital", "medical", "clinic", "infirmary", "health", "hospice", "nursing", "surgery", "care", "rehab",
    "pharmacy", "nhs", "practice", "center", "centre", "associates", "elementary", "primary", "ltd", "llc", "inc",
    "plc", "services", "university", "memorial", "general", "manor", "institute", "laborator", "school", "academy",
    "college", "prison", "jail", "shelter", "living", "family", "children", "sanatorium", "radiology", "imaging",
)  # one of them stands in every KIND_OF_PLACE

ADDRESSES = gated((
    Rule("street_address", "address", re.compile(
        rf"(?<![\w.,/-])\d{{1,5}}[A-Za-z]?,?\s+(?:(?:North|South|East|West|[NSEW]\.?|[NS][EW])\s+)?"
        rf"(?:{_CAPITALISED}\s+|\d{{1,3}}(?:st|nd|rd|th)\s+){{1,4}}?"
        rf"{STREET}\b\.?(?!\s+[a-z]+(?:itis|osis)){_UNIT}?(?:{_TAIL})?")),
    Rule("post_box", "address", re.compile(
        rf"\b(?:P\.?\s?O\.?\s?Box|PO Box)\s+\d+(?:{_TAIL})?", re.I)),
    Rule("city_state_zip", "address", re.compile(rf"\b{_CITY},\s*{_STATE},?\s+\d{{5}}(?:-\d{{4}})?\b")),
), {
    "street_address": shaped(r"\d"),
    "city_state_zip": shaped(r"\d{5}"),
})

PLACES = gated((
    Rule("address_label", "address", re.compile(
        r"(?im)(?:^|[\n|;\t]|  )\W{0,4}(?:home |mailing |postal |work |current |patient )?(?:address|addr|residence|"
        r"lives at|street)\W{0,3}[:=]\W{0,3}(?P<it>[^\n|;]*\w"
        r"(?:\n[^\n:|]*\b(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})\b)?)")),
    Rule("postcode_british", "address", re.compile(
        rf"(?:(?<![\w-])(?:\d{{1,4}}[A-Za-z]? )?(?:The )?[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*){{0,3}},\s?){{0,5}}"
        rf"(?:[A-Z][\w'\u2019-]+ )?(?<![\w-]){_POSTCODE}(?![\w-])")),
    Rule("named_road", "address", re.compile(
        r"(?<![\w-])(?P<proper>(?:[A-Z][\w'\u2019-]+ ){1,3})(?:Road|Street|Avenue|Lane|Drive|Boulevard|Crescent|"
        r"Terrace|Highway|Parkway|Close|Gardens)(?![\w])"), _proper_name),
    Rule("numbered_road", "address", re.compile(r"\b(?:Route|Highway|Interstate|Junction|Exit) \d{1,4}[A-Z]?\b|"
        r"\b[AM]\d{1,4}\(M\)|\b(?:on|off|from|near|along|via) I-\d{1,3}\b(?!-)")),
    Rule("ward", "hospital", re.compile(
        rf"(?<![\w-])(?:{_LOCATION}(?:,? |, )){{0,3}}{_LOCATION}(?![\w-])")),
    Rule("named_ward", "hospital", re.compile(r"(?<![\w-])(?P<proper>[A-Z][a-z'\u2019]+(?: [A-Z][a-z'\u2019]+)?) "
        r"(?:Ward|Suite|Wing|Unit|Lodge|House|Court)(?![\w])"), _proper_name),
    Rule("unit_and_building", "address", re.compile(
        rf"\b(?:Flat|Apartment|Apt)\.?\s+\d+\w?,?\s+{_CAPITALISED}(?:\s+{_CAPITALISED}){{0,3}}"
        rf"(?:,\s+\d+\s+{_CAPITALISED}(?:\s+{_CAPITALISED}){{0,3}})?")),
    Rule("place_label", "hospital", re.compile(
        r"(?im)(?:^|[\n|;\t]|  )\W{0,4}(?:hospital|facility|institution|clinic|practice|trust|surgery|health ?cent"
        r"(?:er|re)|medical cent(?:er|re)|(?:preferred )?pharmacy|location|site|"
        r"employer|school|referring (?:facility|hospital|clinic)|city|town|county|place of birth|birthplace)"
        r"(?: name)?\W{0,3}[:=]\W{0,3}(?P<it>[A-Z][^\n|;]{1,70}?)"
        r"(?=\s*(?:$|\n|[|;]|  |, (?:ward|room|unit|department)|\. ))")),
    Rule("named_institution", "hospital", re.compile(
        rf"(?P<it>(?<![\w-])(?P<proper>{_PROPER}(?: (?:(?:&|and|of|the|for|de|del|la|at) )?(?=[A-Z]){_PROPER}){{0,5}}?)"
        rf"\s+{KIND_OF_PLACE}"
        rf"(?:\s+(?:of|at|for|and|&|in)\s+{_CAPITALISED}(?:\s{_CAPITALISED}){{0,2}}|\s+{KIND_OF_PLACE}){{0,2}}"
        rf"(?![\w]))"), _proper_name),
    Rule("institution_of", "hospital", re.compile(
        r"\b(?:University|Hospital|Institute|College|School|Children's Hospital)(?: Hospitals?)? (?:of|for|at) "
        r"(?:the )?(?P<proper>[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+){0,3})"), _proper_name),
    Rule("saint", "hospital", re.compile(r"(?:(?<=\bat )|(?<=\bto )|(?<=\bfrom )|(?<=\bin ))(?:St\.?|"
        r"Saint) [A-Z][a-z]+(?:'s|\u2019s|s)?(?! (?:John's wort|Vitus))")),
    Rule("all_capital_institution", "hospital", re.compile(
        r"(?<![\w-])(?P<it>(?P<proper>[A-Z][A-Z'\u2019.-]+(?: (?:&|[A-Z][A-Z'\u2019.-]+)){0,4}?) (?:HOSPITAL|"
        r"MEDICAL CENT(?:ER|RE)|CLINIC|INFIRMARY|HEALTH CENT(?:ER|RE)|HEALTH SYSTEM|HEALTHCARE|"
        r"HOSPICE|NHS TRUST|NHS FOUNDATION TRUST)(?! (?:COURSE|STAY|DAY))(?:S)?\b)"), _proper_name),
    Rule("lives_in", "address", re.compile(
        rf"(?i:\b(?:lives|lived|living|resides|residing|resident|grew up|moved|relocated|born|native|raised|hails|"
        rf"home|travell?ed|travel|trip|flew|visiting|works|worked|working|employed|retired"
        rf"|emigrated|immigrated|originally|transferred|referred|admitted|discharged|brought|taken|"
        rf"airlifted|rushed|attended|attends|sent home|returned)"
        rf"(?: (?:alone|with (?:(?!due\b)[a-z ]){{3,25}}|locally|independently|recently|back))? (?:in|at|from|to|of|"
        rf"by|for|near|"
        rf"outside|via)(?: the| our)?)\s+(?:(?:downtown|rural|northern|southern|eastern|western|nearby) )?(?P<it>"
        rf"(?P<proper>{_CITY})(?:, {_STATE}\b)?)"),
        _proper_place, overlapping=True),
    Rule("seen_at", "hospital", re.compile(
        rf"(?i:\b(?:seen|treated|evaluated|presented|presenting|consulted|diagnosed|hospitali[sz]ed|operated|managed|"
        rf"visited|"
        rf"follow(?:ed)?[- ]up|followed|surgery|appointment|stay|care)(?: (?:on|for) [a-z ]{{3,20}})? (?:at|in|from|to)"
        rf"(?: the| our)?)\s+(?P<it>(?P<proper>{_CITY}(?: {KIND_OF_PLACE})?))"), _proper_place, overlapping=True),
    Rule("visited", "hospital", re.compile(
        rf"(?i:\b(?:visit(?:ed|s|ing)|attended)(?: the| our)?)\s+(?P<it>(?P<proper>{_CITY}))"),
        _proper_place, overlapping=True),
    Rule("place_before_date", "hospital", re.compile(
        r" (?:in|at|from|to|the|our|visited) (?P<it>(?P<proper>(?!(?:Drs?|Mrs?|Ms|Miss|"
        r"Prof)\b)[A-Z][A-Za-z'\u2019&.-]+(?: [A-Z][A-Za-z'\u2019&.-]+){0,3})"
        r"(?: (?:clinic|office|hospital|branch|campus))?)"
        rf"(?=,? (?:(?:on|dated|last|in) )?(?:the )?(?:\d{{1,2}}([/.-])\d{{1,2}}\3\d\d|\d{{1,2}}/\d{{1,2}}(?![\d/])|"
        rf"(?:\d{{1,2}}(?:st|nd|rd|th)? )?{_MONTH}\b|\d{{4}}-\d))"),
        _no_drug_place),
    Rule("from_place", "hospital", re.compile(
        r"\bfrom (?:the )?(?P<it>(?P<proper>[A-Z][A-Za-z'\u2019&.-]*[a-z]\.?(?: [A-Z][A-Za-z'\u2019&.-]+){0,3}))"
        r"(?=[,;?)]|\.(?:\s|$)| (?:with|who|seen|presenting|diagnosed|admitted|on|and)\b|$)"), _unknown_place),
    Rule("city_of", "address", re.compile(r"\b(?:City|Town|Village|Township|Borough) of [A-Z][\w'\u2019-]+(?: "
                                          r"[A-Z][\w'\u2019-]+)?")),
    Rule("saint_possessive", "hospital", re.compile(
        r"(?<![\w-])(?:St\.?|Saint) [A-Z][a-z]+['\u2019]s(?! (?:[Ww]ort|[Ff]ire|[Dd]ance))")),
    Rule("at_place", "hospital", re.compile(
        r"(?:\bat|@) (?:the )?(?P<it>(?P<proper>[A-Z][A-Za-z'\u2019&.-]+(?: [A-Z][A-Za-z'\u2019&.-]+){0,3})"
        r"(?: (?:clinic|office|hospital|branch|campus))?)(?!\w)"),
        _proper_place),
    Rule("generic_proper_hospital", "hospital", re.compile(
        r"\b(?:[Aa]t|[Tt]o|[Ff]rom|[Ii]n|[Oo]f)(?: the| our)? (?P<it>(?:General|City|Central|County|Regional|"
        r"University|Community|Memorial|National|State|District|Children's|Veterans|VA|Western|Eastern|Northern|Southern|Valley)"
        r"(?: (?:General|City|County|Regional|Memorial|Medical|Children's))?"
        r" (?:Hospital|Medical Center|Center|Med Center|Med Ctr|Health(?: System| Center)?|Hosp\.?|Clinic))(?!\w)")),
    Rule("abbreviated_hospital", "hospital", re.compile(
        r"(?<![\w-])(?P<it>(?P<proper>[A-Z]{3,6}) (?:[Mm]ed(?:ical)?\.? (?:[Cc]enter|[Cc]entre|[Cc]tr)|[Hh]ospital|"
        r"[Hh]ealthcare))(?!\w)"), _proper_name),
    Rule("saint_hospital", "hospital", re.compile(
        r"(?<![\w-])(?:St\.?|Saint|Mt\.?|Mount) [A-Z][a-z]+(?:'s|\u2019s|s)?(?: [A-Z][a-z]+){0,2}"
        r"(?: (?:[Hh]ospital|[Hh]ealth|[Cc]linic|[Mm]ed(?:ical)? [Cc](?:enter|tr)))")),
    Rule("hospital_of_two", "hospital", re.compile(
        r"\b(?:at|to|from) (?P<it>[A-Z][a-z]+ (?:&|and) [A-Z][a-z]+(?:'s|\u2019s))")),
    Rule("zip_label", "address", re.compile(
        r"(?i:\b(?:zip|postal|post)(?: ?code)?\b)\s*(?:is|:|#)?\s*(?P<it>\d{3,6}(?:[ -]\d{2,4})?(?: ?[A-Z]{2}\b)?|"
        r"[A-Z]\d[A-Z] ?\d[A-Z]\d)(?!\w)(?! ?(?:day|week|op|mg|ml))")),
    Rule("town_and_postcode", "address", re.compile(
        r"\b(?:in|from|near|of|at) (?P<it>[A-Z\u00c0-\u00de][\w'\u2019.-]+(?: [A-Z\u00c0-\u00de][\w'\u2019.-]+| "
        r"(?:de|di|la|do)(?= )){0,3} "
        r"(?!19\d\d\b|20\d\d\b)(?:\d{5}(?:-\d{3,4})?|\d{4}(?:-\d{3}| [A-Z]{2}\b)?))"
        r"(?=[,;?)]|\.(?:\s|$)| (?:in|and|on|who|with)\b|$)"), _town_and_code),
    Rule("street_clinic", "hospital", re.compile(
        r"(?<![\w-])\d{1,3}(?:st|nd|rd|th) (?:[Aa]venue|[Aa]ve|[Ss]treet|[Ss]t)\b\.?"
        r"(?: (?:[Cc]linic|[Oo]ffice|[Hh]ospital))?")),
    Rule("city_state", "address", re.compile(rf"\b(?P<it>(?!\S*\d){_CITY}, {_STATE})\b(?<!, MD)(?<!, MA)(?<!, "
                                             rf"PA)(?!\d|')")),
), {
    "postcode_british": shaped(r"[A-Z]\d[A-Z\d]?\s\d"),
    "saint": has("st.", "st ", "saint"),
    "ward": has("ward", "room", "rm", "bay", "bed", "suite", "cubicle", "resus", "theatre", "floor"),
    "generic_proper_hospital": has("hospital", "center", "ctr", "health", "hosp", "clinic"),
    "abbreviated_hospital": has("med", "hospital", "healthcare"),
    "saint_hospital": has("hospital", "health", "clinic", "med"),
    "street_clinic": shaped(r"\d(?:st|nd|rd|th)"),
    "zip_label": has("zip", "post"),
    "town_and_postcode": shaped(r"\d{4}"),
    "hospital_of_two": has(" & ", " and "),
    "from_place": has("from "),
    "city_of": has("city of", "town of", "village of", "township of", "borough of"),
    "saint_possessive": has("st.", "st ", "saint"),
    "place_before_date": has("clinic", "office", *"0123456789"),
    "at_place": has("at ", "@"),
    "all_capital_institution": has("hospital", "medical", "clinic", "infirmary", "health", "hospice", "nhs"),
    "institution_of": has("university", "hospital", "institute", "college", "school"),
    "named_institution": has(*_KIND_PIECES),
})
