"""Which clinical specialty a chapter or block of ICD-10-CM belongs to.

A chapter that several specialties share (genitourinary, musculoskeletal, congenital, symptoms, injuries, external
causes, contacts with health services) stays `unspecified`; some of its blocks have one specialty all the same and
are named here, as are blocks that differ from their chapter.
"""

from __future__ import annotations

from collections.abc import Mapping

CHAPTER_SPECIALTY: Mapping[str, str] = {
    "1": "infectious_diseases",
    "2": "oncology",
    "3": "haematology",
    "4": "endocrinology",
    "5": "psychiatry",
    "6": "neurology",
    "7": "ophthalmology",
    "8": "otolaryngology",
    "9": "cardiology",
    "10": "respiratory_medicine",
    "11": "gastroenterology",
    "12": "dermatology",
    "15": "gynaecology_obstetrics",
    "16": "paediatrics",
}

BLOCK_SPECIALTY: Mapping[str, str] = {
    "D80-D89": "allergy_immunology",  # Certain disorders involving the immune mechanism
    "I60-I69": "neurology",  # Cerebrovascular diseases
    "K00-K14": "dentistry",  # Diseases of oral cavity and salivary glands
    "M05-M14": "rheumatology",  # Inflammatory polyarthropathies
    "M30-M36": "rheumatology",  # Systemic connective tissue disorders
    "N00-N08": "nephrology",  # Glomerular diseases
    "N10-N16": "nephrology",  # Renal tubulo-interstitial diseases
    "N17-N19": "nephrology",  # Acute kidney failure and chronic kidney disease
    "N20-N23": "urology",  # Urolithiasis
    "N40-N53": "urology",  # Diseases of male genital organs
    "N70-N77": "gynaecology_obstetrics",  # Inflammatory diseases of female pelvic organs
    "N80-N98": "gynaecology_obstetrics",  # Noninflammatory disorders of female genital tract
    "Q90-Q99": "genetics",  # Chromosomal abnormalities
    "QA0": "genetics",  # Genetic disorders, not elsewhere classified
    "T36-T50": "toxicology",  # Poisoning by drugs, medicaments and biological substances
    "T51-T65": "toxicology",  # Toxic effects of substances chiefly nonmedicinal
}


def block_specialty(chapter: str, block: str) -> str | None:
    """Specialty of a block, or of its chapter; None where neither has a single one."""
    return BLOCK_SPECIALTY.get(block) or CHAPTER_SPECIALTY.get(chapter)
