"""Importing this module loads what de-identification looks words up in: lists of words, names and places, and patterns.

Belongs here: nothing else. It is imported by the process that workers are forked from, so that they share the lists.
"""

from __future__ import annotations

from itd_pipeline.text.deidentify import deidentify

# A note that makes every list and every lazily made pattern needed once. Nobody of that name is known to us.
_NOTE = """Patient: Mr. John Q. Example, DOB 03/02/1950, MRN 55512345, lives at 12 Elm Street, Springfield, IL 62704.
Seen at St. Mary's Hospital by Dr. Ana Lopez MD on March 4, 2021 with Parkinson's disease;
her daughter maria jones called.
"""
deidentify(_NOTE * 200)
