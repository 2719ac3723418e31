"""Capitalised words of clinical notes that are not names of people: they end a name or forbid one."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from itd_pipeline.text.identifiers.given_names import GIVEN_NAMES

WORDS_REMEMBERED = 1 << 17
"""Of how many words a judgement is kept: few words make up most of all texts (Zipf)."""

_WORDS = frozenset(re.findall(r"\S+", """
    a about above active acute address admission admit admitted adult advised after age aged alert alive all allergies
    allergy also am an and anxiety any appears as aspirin assessment associated asthma at attending baby back be
    because been before below bilateral birth bleeding blood both brain breast by call called came can cancer cardiac
    cardiology care carer case cause cc cell chest chief child chronic clear clinic clinical come complaint complains
    condition consult consultant contact continue continued copy cough course current daily data date daughter day
    days deceased denied denies department depression diabetes diabetic diagnosis did died diet direct discharge
    discharged discussed disease do doctor does done dose drug due during each education electronically emergency
    employed engineer enc evaluation every exam examination extremities family father female fever final findings
    first follow followed following for friday from full gender general given good gp had has have having he head
    health heart height hematology haematology her here high him his history home hospital hours house how however
    hypertension i if ill illness imaging impression in indication infant infection informed initial instructions
    internal interpreter into is it its job kidney known lab laboratory labs language last left lives living liver
    location lung male man married medical medication medications medicine mental midwife mild monday mother mr mrs ms
    miss mx name neck negative neuro neurology new next night no nok non none normal not note notes nurse nursing
    obese occupation of office old on oncology one only onset operation operative or orthopedics orthopaedics other
    our outpatient pain parent parents partner past pathology patient patients pediatrics paediatrics per performed
    phone physical physician plan please positive possible post practice practitioner pre pregnancy present presented
    presenting presents previous primary prior procedure progress provider psychiatry pt pulmonary radiology rash re
    reason recent record referral referred regards relationship religion report resident results retired return review
    reviewed right room routine sample saturday secondary see seen seizure sex she should sibling siblings signed
    signature sincerely since single sister skin smoker social some son spouse stable staff started status still
    stomach stroke subjective objective sunday surgeon surgery surgical swelling symptoms system systems take team
    telephone test tests that the their then there therapist therapy these they this those thursday thyroid time title
    to today tomorrow transcribed transcriptionist treatment tuesday two type unknown unremarkable unstable until up
    urgent urology use very via visit vital vitals ward was we wednesday weight well were what when where which while
    white who widow widowed wife will with without woman wound year years yes yesterday yet you your january february
    march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov
    dec md do np pa rn phd gcs dr prof professor sir unit floor bed dob mrn ssn fax tel email nhs id no zip husband
    brother aunt uncle niece nephew grandfather grandmother guardian caregiver neighbor neighbour friend dictated
    author cardiologist neurologist oncologist surgeon's nephrologist pharmacist dietitian psychologist echo repeat
    plus minus group ive im id dont doesnt didnt cant couldnt wont wouldnt isnt arent wasnt werent hasnt havent hadnt
    shouldnt whats thats theres heres hes shes youre theyre weve youve theyve lets just only maybe please really very
    still always never sometimes often usually recently currently hello hi thanks thank okay ok sorry why would could
    should might must shall may does do did can cannot am are is was were be been being among amid between across
    within without whether unless although though despite instead however therefore because until while during toward
    towards upon per versus vs vitamin social worker manager coordinator assistant associate registrar fellow intern
    student hospitalist anesthesiologist anaesthetist radiologist pathologist african american caucasian hispanic
    asian english spanish french german polish italian portuguese arabic mandarin hindi black latino latina indian
    chinese british european jewish catholic muslim christian hindu buddhist medicare medicaid regarding dear thank
    thanks best yours kind alcohol tobacco drugs arthritis cad chf copd htn dm cva mi dvt tia esrd ckd gerd uti bph ca
    hld osa afib nkda nka ed er icu or pcp ct mri xr ekg ecg bp hr rr temp spo2 hx fh sh pmh psh hpi ros pe a&p prn po
    iv im bid tid qid qhs qd uk us usa nad wnl appearance confirmed deferred declined section summary letter details
    information number consultation encounter specimen verified relation kin type speaking primary accompanied
    collateral insurance country club med rec newborn morbus
"""))
_MEDICAL_ENDING = re.compile(
    r"(?:itis|osis|onia|ysis|esia|plasia|penia|iasis|ectasis|ectasia|edema|aemia|emia|uria|oma|pathy|ectomy|otomy|ostomy|plasty|scopy|graphy|ology|ologist|ologists|"
    r"algia|plegia|"
    r"paresis|rrhea|rrhoea|megaly|trophy|phagia|phasia|pnea|pnoea|cardia|tension|pril|olol|statin|azole|cillin|mycin|"
    r"sartan|"
    r"prazole|mab|nib|dipine|oxacin|cycline|gliptin|gliflozin|glutide|parin|xaban|semide|thiazide|ation|iness|erness|"
    r"weakness|illness|atric|"
    r"ician|ical|sion|tion|ional|ular)$"
)

_SURNAMES_TOO = frozenset(("black", "white", "best", "day", "good", "house", "may", "still", "ward", "will", "english",
                           "french", "christian", "child", "friend", "march", "wells"))

@cache
@lru_cache(maxsize=WORDS_REMEMBERED)
def is_everyday(word: str) -> bool:
    """Whether a word, in any case, is no person's name in a clinical note."""
    lowered = word.lower().strip(".")
    return lowered in _WORDS or (len(lowered) > 5 and _MEDICAL_ENDING.search(lowered) is not None)


def is_surname_after(given: str, word: str) -> bool:
    """Whether an everyday word with a capital is a surname, because a common given name stands right before it."""
    return word[:1].isupper() and word.lower() in _SURNAMES_TOO and given.lower() in GIVEN_NAMES
