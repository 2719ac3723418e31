"""Question forms about terms of the Human Phenotype Ontology.

Belongs here: wording and which fields it restates. Does not belong here: how forms are drawn (`template.py`).
Terms, synonyms and definitions are the ontology's own (Human Phenotype Ontology, Gargano et al., Nucleic Acids
Res 2024; "this service/product uses the Human Phenotype Ontology").
"""

from __future__ import annotations

from itd_pipeline.expand.forms.choice import distractors, lettered, place
from itd_pipeline.expand.forms.form import Filled, Form, listed, sentence
from itd_pipeline.expand.forms.hpo_terms import HpoIndex, HpoTerm


def _values(term: HpoTerm, **more: str) -> dict[str, str]:
    return {"name": term.name, "id": term.id, **more}


def _definition(term: HpoTerm, _: HpoIndex) -> Filled | None:
    if not term.definition:
        return None
    return Filled(sentence(term.definition), (term.definition,), _values(term))


def _synonyms(term: HpoTerm, _: HpoIndex) -> Filled | None:
    names = term.exact + term.lay
    if not names:
        return None
    return Filled(f"{term.name} is also called {listed(names)}.", (term.name, *names), _values(term))


def _lay_to_term(term: HpoTerm, index: HpoIndex) -> Filled | None:
    fitting = [label for label in term.lay if index.names_only(label, term)]
    if not fitting:
        return None
    meaning = f" It means: {sentence(term.definition)}" if term.definition else ""
    quotes = (fitting[0], term.name) + ((term.definition,) if term.definition else ())
    return Filled(f"{term.name} ({term.id}).{meaning}", quotes, _values(term, lay=fitting[0]))


def _term_to_lay(term: HpoTerm, _: HpoIndex) -> Filled | None:
    if not term.lay:
        return None
    words = listed([f"“{label}”" for label in term.lay], "or")
    return Filled(f"In plain words, {term.name} is {words}.", (term.name, *term.lay), _values(term))


def _code(term: HpoTerm, index: HpoIndex) -> Filled | None:
    if not index.names_only(term.name, term):
        return None
    return Filled(f"{term.id} ({term.name}).", (term.id, term.name), _values(term))


def _code_from_synonym(term: HpoTerm, index: HpoIndex) -> Filled | None:
    fitting = [label for label in term.exact if index.names_only(label, term)]
    if not fitting:
        return None
    return Filled(f"{term.id}. The preferred name there is {term.name}; “{fitting[0]}” is a synonym.",
                  (term.id, term.name, fitting[0]), _values(term, synonym=fitting[0]))


def _term_of_code(term: HpoTerm, _: HpoIndex) -> Filled | None:
    meaning = f" {sentence(term.definition)}" if term.definition else ""
    quotes = (term.id, term.name) + ((term.definition,) if term.definition else ())
    return Filled(f"{term.id} stands for {term.name}.{meaning}", quotes, _values(term))


def _holds_name(term: HpoTerm) -> bool:
    return any(label in term.definition.casefold() for label in term.labels)


def _naming(term: HpoTerm, _: HpoIndex) -> Filled | None:
    if len(term.definition.split()) < 6 or _holds_name(term):
        return None
    return Filled(f"{term.name} ({term.id})", (term.name, term.definition), _values(term),
                  input=sentence(term.definition))


def _parents(term: HpoTerm, _: HpoIndex) -> Filled | None:
    names = tuple(name for _, name in term.parents if name)
    if not names:
        return None
    return Filled(f"The ontology files {term.name} directly under {listed(names)}.", (term.name, *names), _values(term))


def _branch(term: HpoTerm, _: HpoIndex) -> Filled | None:
    if not term.branch or term.branch == term.name:
        return None
    return Filled(f"{term.name} belongs to the branch “{term.branch}”.", (term.name, term.branch), _values(term))


def _note(term: HpoTerm, _: HpoIndex) -> Filled | None:
    if len(term.comment.split()) < 6:
        return None
    return Filled(sentence(term.comment), (term.comment,), _values(term))


def _wrong_terms(form: str, term: HpoTerm, index: HpoIndex) -> tuple[HpoTerm, ...]:
    def allowed(other: HpoTerm) -> bool:
        return (
            bool(other.definition) and other.definition.casefold() != term.definition.casefold()
            and index.apart(term, other)
        )

    return distractors(f"{form}:{term.id}", (index.siblings(term), index.same_branch(term)), allowed,
                       lambda other: other.name, term.name)


def _choose_term(term: HpoTerm, index: HpoIndex) -> Filled | None:
    if len(term.definition.split()) < 6 or _holds_name(term):
        return None
    wrong = _wrong_terms("choose_term", term, index)
    if not wrong:
        return None
    options, letter = place(f"choose_term:{term.id}", term.name, [other.name for other in wrong])
    return Filled(f"{letter}. {term.name}", (term.name, term.definition),
                  _values(term, definition=sentence(term.definition)), lettered(options), options, letter)


def _choose_meaning(term: HpoTerm, index: HpoIndex) -> Filled | None:
    if not term.definition:
        return None
    wrong = _wrong_terms("choose_meaning", term, index)
    if not wrong:
        return None
    options, letter = place(f"choose_meaning:{term.id}", sentence(term.definition),
                            [sentence(other.definition) for other in wrong])
    if len({option.casefold() for option in options}) < 4:
        return None
    return Filled(f"{letter}. {sentence(term.definition)}", (term.name, term.definition), _values(term),
                  lettered(options), options, letter)


FORMS: tuple[Form[HpoTerm, HpoIndex], ...] = (
    Form("definition", "question_answering", "definition", 2, (
        "A colleague's letter mentions “{name}”. What does that term mean?",
        "What is meant by “{name}”?",
        "I came across “{name}” in a genetics report. Can you define it?",
        "How does the Human Phenotype Ontology define {name}?",
    ), _definition),
    Form("synonyms", "question_answering", "synonym", 2, (
        "What other names are in use for {name}?",
        "Under which other terms might I find {name} in the literature?",
        "I am searching for papers on {name}. Which synonyms should I search for as well?",
    ), _synonyms),
    Form("lay_to_term", "phenotype_naming", "synonym", 2, (
        "At home we call it “{lay}”. What is the medical term?",
        "A parent describes “{lay}”. Which phenotype term covers that, and what is its code?",
        "Which term of the Human Phenotype Ontology stands for what patients call “{lay}”?",
    ), _lay_to_term),
    Form("term_to_lay", "paraphrase", "synonym", 2, (
        "How can I say “{name}” in words that a patient understands?",
        "The report says “{name}”. What is that in everyday language?",
        "Please put the term “{name}” into plain words.",
    ), _term_to_lay, audience="patient"),
    Form("code", "coding", "code_lookup", 2, (
        "Which HPO code should I enter for {name}?",
        "I am annotating a patient with {name}. What is the HPO identifier?",
        "Give the Human Phenotype Ontology code for {name}.",
    ), _code),
    Form("code_from_synonym", "coding", "code_lookup", 3, (
        "The chart says “{synonym}”. Which HPO code is that?",
        "Which HPO term do I use for “{synonym}”?",
        "I cannot find “{synonym}” among the preferred names of the HPO. Where is it?",
    ), _code_from_synonym),
    Form("term_of_code", "coding", "definition", 2, (
        "What does {id} stand for?",
        "A data set lists the phenotype {id}. What is that?",
        "Please explain the HPO code {id}.",
    ), _term_of_code),
    Form("naming", "phenotype_naming", "definition", 3, (
        "Which phenotype term fits this description?",
        "Name the clinical abnormality described here, with its HPO code.",
        "What do you call this finding in the Human Phenotype Ontology?",
    ), _naming),
    Form("parents", "classification", "classification", 3, (
        "Under which broader term does the HPO file {name}?",
        "What is the next broader phenotype above {name}?",
        "If {name} is too specific for my query, which term lies directly above it in the HPO?",
    ), _parents),
    Form("branch", "classification", "classification", 2, (
        "To which main branch of the Human Phenotype Ontology does {name} belong?",
        "Which organ system or main heading does the HPO give {name}?",
    ), _branch),
    Form("note", "question_answering", "other", 3, (
        "Is there anything to bear in mind when using the term “{name}”?",
        "What does the Human Phenotype Ontology remark about {name}?",
    ), _note),
    Form("choose_term", "multiple_choice", "definition", 3, (
        "Which of these terms fits the following description? {definition}",
        "{definition} Which term is that?",
        "A finding is described like this: {definition} Choose the right term.",
    ), _choose_term),
    Form("choose_meaning", "multiple_choice", "definition", 3, (
        "What does “{name}” mean?",
        "Which statement describes {name}?",
        "Choose the definition of {name}.",
    ), _choose_meaning),
)
