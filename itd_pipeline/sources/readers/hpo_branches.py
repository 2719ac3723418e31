"""Which clinical specialty a branch of the Human Phenotype Ontology belongs to.

Branches are the children of Phenotypic abnormality (HP:0000118) and of the root (HP:0000001), release 2025-01-16.
A branch that several specialties share (genitourinary system, head or neck, musculoskeletal system, metabolism)
is left out and stays `unspecified`: nobody said which one. Of several branches above a term, the first by id that
is named here decides.
"""

from __future__ import annotations

from collections.abc import Mapping

BRANCH_SPECIALTY: Mapping[str, str] = {
    "HP:0000005": "genetics",  # Mode of inheritance
    "HP:0000478": "ophthalmology",  # Abnormality of the eye
    "HP:0000598": "otolaryngology",  # Abnormality of the ear
    "HP:0000707": "neurology",  # Abnormality of the nervous system
    "HP:0000818": "endocrinology",  # Abnormality of the endocrine system
    "HP:0001197": "gynaecology_obstetrics",  # Abnormality of prenatal development or birth
    "HP:0001574": "dermatology",  # Abnormality of the integument
    "HP:0001608": "otolaryngology",  # Abnormality of the voice
    "HP:0001626": "cardiology",  # Abnormality of the cardiovascular system
    "HP:0001871": "haematology",  # Abnormality of blood and blood-forming tissues
    "HP:0002086": "respiratory_medicine",  # Abnormality of the respiratory system
    "HP:0002664": "oncology",  # Neoplasm
    "HP:0002715": "allergy_immunology",  # Abnormality of the immune system
    "HP:0025031": "gastroenterology",  # Abnormality of the digestive system
    "HP:0025354": "pathology",  # Abnormal cellular phenotype
    "HP:0032223": "haematology",  # Blood group
    "HP:0040064": "orthopaedics",  # Abnormality of limbs
}
