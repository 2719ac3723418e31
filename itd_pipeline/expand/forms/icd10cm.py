"""Question forms about codes of the ICD-10-CM tabular list.

Belongs here: wording and which fields it restates. Does not belong here: how forms are drawn (`template.py`).
What the notes mean follows the ICD-10-CM Official Guidelines for Coding and Reporting, section I.A: 12.a (Excludes1:
not coded here, the two are not used together unless unrelated), 12.b (Excludes2: not included here, both may be
used), 13 (code first, use additional code), 11 (inclusion terms), and I.B.2 (code to the highest number of
characters available), I.A.4 and I.A.5 (placeholder X, 7th characters).
"""

from __future__ import annotations

from itd_pipeline.expand.forms.choice import distractors, lettered, place
from itd_pipeline.expand.forms.form import Filled, Form, draw, sentence
from itd_pipeline.expand.forms.icd10cm_codes import IcdCode, IcdIndex


def _values(code: IcdCode, **more: str) -> dict[str, str]:
    return {"code": code.code, "description": code.description, **more}


def _bullets(items: tuple[str, ...]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _finer(code: IcdCode) -> str:
    """What is still missing before the code can be reported; empty where nothing is."""
    if not code.leaf:
        return " It has subdivisions: report the subdivision that fits, not this code itself."
    if code.seventh:
        return " To be complete it needs a 7th character."
    return ""


def _code(code: IcdCode, index: IcdIndex) -> Filled | None:
    if not index.unique(code.description):
        return None
    return Filled(f"{code.code} ({code.description}).{_finer(code)}", (code.code, code.description), _values(code))


def _description(code: IcdCode, _: IcdIndex) -> Filled | None:
    inside = bool(code.category_description) and code.category != code.code
    under = f", in the category {code.category} ({code.category_description})" if inside else ""
    quotes = (code.code, code.description) + ((code.category_description,) if inside else ())
    return Filled(f"{code.code} stands for “{code.description}”{under}.", quotes, _values(code))


def _inclusion(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.inclusion_terms:
        return None
    return Filled(f"Besides “{code.description}”, these terms are coded to {code.code}:\n"
                  f"{_bullets(code.inclusion_terms)}", (code.code, *code.inclusion_terms), _values(code))


def _code_of_inclusion(code: IcdCode, index: IcdIndex) -> Filled | None:
    terms = [t for t in code.inclusion_terms if index.unique(t) and t.casefold() != code.description.casefold()]
    if not terms:
        return None
    term = terms[draw("inclusion", code.document_id) % len(terms)]
    return Filled(f"{code.code} ({code.description}). “{term}” is listed there as an inclusion term.{_finer(code)}",
                  (code.code, code.description, term), _values(code, term=term))


def _includes(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.includes:
        return None
    return Filled(f"{code.code} ({code.description}) includes:\n{_bullets(code.includes)}",
                  (code.code, *code.includes), _values(code))


def _excludes1(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.excludes1:
        return None
    return Filled(
        f"The Excludes1 note at {code.code} names:\n{_bullets(code.excludes1)}\nThese are not coded here and, unless "
        f"the two conditions are unrelated, not reported together with {code.code}.",
        (code.code, *code.excludes1), _values(code))


def _excludes1_case(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.excludes1 or any(item.endswith(":") for item in code.excludes1):
        return None
    item = code.excludes1[draw("excludes1", code.document_id) % len(code.excludes1)]
    return Filled(
        f"As a rule, no. The Excludes1 note at {code.code} names “{item}”: the two are not reported together unless "
        "they are unrelated to each other.",
        (code.code, code.description, item), _values(code, item=item))


def _excludes2(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.excludes2:
        return None
    return Filled(
        f"The Excludes2 note at {code.code} names:\n{_bullets(code.excludes2)}\nThese are not part of {code.code}. "
        "Both may be present at the same time, and then both may be reported.",
        (code.code, *code.excludes2), _values(code))


def _code_first(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.code_first:
        return None
    return Filled(f"Yes. The note “code first” at {code.code} asks for:\n{_bullets(code.code_first)}\nThat goes "
                  f"before {code.code}.", (code.code, *code.code_first), _values(code))


def _use_additional(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.use_additional:
        return None
    return Filled(f"Yes. The note at {code.code} asks for a further code:\n{_bullets(code.use_additional)}\nIt goes "
                  f"after {code.code}.", (code.code, *code.use_additional), _values(code))


def _category(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.category_description or code.category == code.code:
        return None
    return Filled(f"{code.code} ({code.description}) belongs to the category {code.category}, "
                  f"{code.category_description}.", (code.code, code.category_description), _values(code))


def _chapter(code: IcdCode, _: IcdIndex) -> Filled | None:
    if not code.chapter_description:
        return None
    number = f" {code.chapter}" if code.chapter else ""
    return Filled(sentence(f"{code.code} ({code.description}) stands in chapter{number}, {code.chapter_description}"),
                  (code.code, code.chapter_description), _values(code))


def _subdivided(code: IcdCode, index: IcdIndex) -> Filled | None:
    children = sorted(index.children.get(code.code, []), key=lambda child: child.code)
    if code.leaf or not 2 <= len(children) <= 12:
        return None
    rows = tuple(f"{child.code} {child.description}" for child in children)
    return Filled(f"{code.code} is divided further. Choose among:\n{_bullets(rows)}",
                  (code.code, code.description, *rows), _values(code),
                  related=tuple(child.document_id for child in children))


def _seventh(code: IcdCode, _: IcdIndex) -> Filled | None:
    bare = code.code.replace(".", "")
    if not code.leaf or not code.seventh or len(bare) > 6:
        return None
    dotted = f"{bare[:3]}.{bare[3:].ljust(3, 'X')}"
    rows = tuple(f"{character} {meaning}" for character, meaning in code.seventh)
    filler = "" if len(bare) == 6 else " Empty places before it are filled with X."
    return Filled(f"No. {code.code} needs a 7th character:\n{_bullets(rows)}\n{filler.strip()}{' ' if filler else ''}"
                  f"With {code.seventh[0][0]}, the complete code is {dotted}{code.seventh[0][0]}.",
                  (code.code, code.description, *rows), _values(code))


def _wrong(form: str, code: IcdCode, index: IcdIndex, by_code: bool) -> tuple[IcdCode, ...]:
    def shown(other: IcdCode) -> str:
        return other.code if by_code else other.description

    return distractors(f"{form}:{code.code}", (index.siblings(code), index.cousins(code)),
                       lambda other: index.apart(code, other), shown, shown(code))


def _choose_code(code: IcdCode, index: IcdIndex) -> Filled | None:
    if not index.unique(code.description):
        return None
    wrong = _wrong("choose_code", code, index, by_code=True)
    if not wrong:
        return None
    options, letter = place(f"choose_code:{code.code}", code.code, [other.code for other in wrong])
    return Filled(f"{letter}. {code.code}", (code.code, code.description), _values(code), lettered(options), options,
                  letter)


def _choose_description(code: IcdCode, index: IcdIndex) -> Filled | None:
    wrong = _wrong("choose_description", code, index, by_code=False)
    if not wrong:
        return None
    options, letter = place(f"choose_description:{code.code}", code.description, [o.description for o in wrong])
    return Filled(f"{letter}. {code.description}", (code.code, code.description), _values(code), lettered(options),
                  options, letter)


FORMS: tuple[Form[IcdCode, IcdIndex], ...] = (
    Form("code", "coding", "code_lookup", 2, (
        "Which ICD-10-CM code do I use for “{description}”?",
        "The discharge letter says “{description}”. What is the ICD-10-CM code?",
        "I need to code “{description}”. Where do I find it in ICD-10-CM?",
    ), _code, audience="coder"),
    Form("description", "coding", "definition", 1, (
        "What does the ICD-10-CM code {code} mean?",
        "My bill shows the diagnosis code {code}. What is that?",
        "A claim lists {code}. What does it stand for?",
    ), _description),
    Form("inclusion", "coding", "code_lookup", 2, (
        "What else is coded to {code} besides “{description}”?",
        "Which inclusion terms stand at ICD-10-CM {code} ({description})?",
        "Which other terms lead to the code {code}?",
    ), _inclusion, audience="coder"),
    Form("code_of_inclusion", "coding", "code_lookup", 3, (
        "The chart says “{term}”. Which ICD-10-CM code is that?",
        "I cannot find “{term}” among the code titles of ICD-10-CM. Where is it coded?",
        "How is “{term}” coded in ICD-10-CM?",
    ), _code_of_inclusion, audience="coder"),
    Form("includes", "coding", "definition", 2, (
        "What does ICD-10-CM {code} ({description}) include?",
        "What does the includes note at {code} name?",
    ), _includes, audience="coder"),
    Form("excludes1", "coding", "exclusion", 3, (
        "What does the Excludes1 note at {code} ({description}) rule out?",
        "What must I not code together with {code}?",
        "I want to report {code}, {description}. Which diagnoses does an Excludes1 note keep apart from it?",
    ), _excludes1, audience="coder"),
    Form("excludes1_case", "coding", "exclusion", 4, (
        "May I report {code} ({description}) together with “{item}”?",
        "A patient's record names {description} ({code}) and “{item}”. Can both be coded for the same encounter?",
    ), _excludes1_case, audience="coder"),
    Form("excludes2", "coding", "exclusion", 3, (
        "What does the Excludes2 note at {code} ({description}) mean for my coding?",
        "What is not part of {code} but may be coded beside it?",
    ), _excludes2, audience="coder"),
    Form("code_first", "coding", "procedure", 4, (
        "Does another code have to come before {code} ({description})?",
        "In what order do I report {code}? Is there something to code first?",
    ), _code_first, audience="coder"),
    Form("use_additional", "coding", "procedure", 3, (
        "Does {code} ({description}) call for a further code?",
        "I have coded {code}. Is an additional code needed?",
    ), _use_additional, audience="coder"),
    Form("category", "classification", "classification", 2, (
        "To which category does ICD-10-CM {code} belong?",
        "Which three-character category holds {code} ({description})?",
        "Under which heading does ICD-10-CM list “{description}” ({code})?",
    ), _category, audience="coder"),
    Form("chapter", "classification", "classification", 1, (
        "In which chapter of ICD-10-CM do I find {code} ({description})?",
        "Which ICD-10-CM chapter covers {code}?",
    ), _chapter, audience="coder"),
    Form("subdivided", "coding", "code_lookup", 3, (
        "Is {code} ({description}) specific enough, or is it divided further?",
        "My software rejects {code} as too general. Which codes can I choose below it?",
    ), _subdivided, audience="coder"),
    Form("seventh_character", "coding", "code_lookup", 4, (
        "Can I report {code} ({description}) just like that?",
        "Is {code} a complete ICD-10-CM code?",
    ), _seventh, audience="coder"),
    Form("choose_code", "multiple_choice", "code_lookup", 3, (
        "Which ICD-10-CM code stands for “{description}”?",
        "Choose the right ICD-10-CM code for “{description}”.",
    ), _choose_code, audience="coder"),
    Form("choose_description", "multiple_choice", "code_lookup", 2, (
        "What does ICD-10-CM {code} stand for?",
        "Choose the diagnosis that ICD-10-CM {code} describes.",
    ), _choose_description, audience="coder"),
)
