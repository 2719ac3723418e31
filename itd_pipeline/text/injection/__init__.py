"""Injection: text that tries to command a language model instead of telling a reader something.

Belongs here: the rules, by what they look for, and `finding`, which runs them. Does not belong here: what becomes of a
text that trips one (the policy, or the caller). The way in is `finding.find_injections`.

Sources are written by others. A web page, a PDF or a note can hold a line for whatever model reads it; in a prompt that
line is followed, in a training set it is learnt (Greshake et al. 2023, arXiv:2302.12173). OWASP's list for language
models puts it first (LLM01:2025).
"""
