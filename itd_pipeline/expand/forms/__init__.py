"""Question forms over structured fields: the route `template`, exact by construction, without a model.

Belongs here: what a form is (`form.py`), which forms are filled for which documents (`filling.py`, `families.py`), and
the forms of each family: `hpo.py`, `icd10cm.py`, `labels.py` (SPL, openFDA), `fhir.py`. Does not belong here: anything
that a model writes (`recipes/`).
"""
