import pytest

from itd_pipeline.signals.form import (
    dangling_reference,
    ends_as_evidence,
    has_prompt_remains,
    has_template_remains,
    refuses,
    repetition_shares,
    truncated,
)
from itd_pipeline.signals.tokens import Vocabulary, tokenise
from itd_pipeline.text.words import words

LONG = "Asthma narrows the airways and makes it hard to breathe out at night"


@pytest.mark.parametrize(("text", "expected"), [
    (LONG + ".", False),
    (LONG, True),
    ("Asthma narrows the airways and makes it hard to breathe", False),  # ten words: an answer, not a cut sentence
    ("Take the", True),
    ("The dose is 5 mg,", True),
    (LONG + " ...", True),
    ("E11.9", False),
    ("E10.A", False),
    ("Type A", False),
    ("Signs of it are:\n- wheeze that comes and goes through the whole night\n- cough in cold air", False),
    (LONG + ".\nIt is treated with inhaled steroids every day and", True),
    (LONG + ". NIH: National Institute of Diabetes and Digestive and Kidney Diseases", False),
    (LONG + ".[3]", False),
    (LONG + " (see below)", False),
    ("", False),
])
def test_truncation(text: str, expected: bool) -> None:
    assert truncated(text, len(words(text))) is expected


@pytest.mark.parametrize(("text", "expected"), [
    ("As an AI language model, I cannot give advice.", True),
    ("I'm sorry, but I can't help with that.", True),
    ("I’m unable to provide a diagnosis.", True),
    ("I do not have access to the record.", True),
    ("I must decline to answer this question.", True),
    ("I won't be able to help with that.", True),
    ("I cannot breathe well, said the patient. I must rest.", False),
    ("The patient is sorry but well.", False),
    ("Women who cannot provide a sample are asked again.", False),
    ("Adenocarcinoma in situ is not an invasive tumour.", False),
])
def test_refusals(text: str, expected: bool) -> None:
    assert refuses(text) is expected


@pytest.mark.parametrize(("text", "expected"), [
    ("What is {term}?", True),
    ("What is {{ term }}?", True),
    ("Dear [insert name]", True),
    ("Dear [Patient Name], take it.", True),
    ("TODO: fill in the dose", True),
    ("The allele [A/G], an interval [0.5, 1.2] and [1] a reference.", False),
    ("Fine.<|im_end|>", True),
    ("### Response:\nFine.", True),
    ("Answer it.\nOutput: fine", True),
    ('{"diagnosis": "asthma", "code": 3}', False),
    ("Blood pressure < 120 and [Na+] of 140", False),
    ("The response: a fall in pressure.", False),
])
def test_template_remains(text: str, expected: bool) -> None:
    assert has_template_remains(text) is expected


def test_repetition_counts_repeated_three_grams() -> None:
    vocabulary = Vocabulary()
    rows = tokenise(["a b c a b c a b c", "a b c d e", "a b", ""], vocabulary)
    assert repetition_shares(rows, vocabulary.hashes()) == [pytest.approx(4 / 7), 0.0, 0.0, 0.0]


@pytest.mark.parametrize(("text", "expected"), [
    ("Sure, here is the answer: asthma narrows the airways.", True),
    ("Here's a short summary of it:\nAsthma narrows the airways.", True),
    ("The passage does not say how asthma is treated.", True),
    ("Based on the provided context, asthma is common.", True),
    ("Question: What is asthma?", True),
    ('{"answer": "asthma"}', True),
    ("I hope this helps!", True),
    ("Based on the information provided in the text, rest helps.", True),
    ("The text does not mention doses.", True),
    ("Based on the information provided by the patient, rest helps.", False),
    ("The passage of urine is painful.", False),
    ("In the context of asthma, β-blockers are avoided.", False),
    ("Here the airways are narrow.", False),
    ("Make sure here is no smoke.", False),
])
def test_prompt_remains(text: str, expected: bool) -> None:
    assert has_prompt_remains(text) is expected


@pytest.mark.parametrize(("instruction", "given", "output", "expected"), [
    ("What does the image above show?", None, "A fracture.", True),
    ("What does the image above show?", "Image: a fracture of the wrist.", "A fracture.", False),
    ("Summarise the note below.", None, "He is well.", True),
    ("Summarise the note below.", "Patient well.", "He is well.", False),
    ("Summarise the note below: the patient is well and goes home.", None, "He is well.", False),
    ("What is asthma?", None, "See the table below.", True),
    ("What is asthma?", None, "See the table below.\n| a | b |", False),
    ("What is asthma?", None, "It rises, as shown in Figure 2.", True),
    ("What is asthma?", None, "Values above 7 % are high; the figure is 5 %.", False),
    ("What is a table of doses?", None, "A list.", False),
    ("Refer to the attached X-ray and name the finding.", None, "A fracture.", True),
    ("What does this ECG show?", None, "Atrial fibrillation.", True),
    ("Interpret the following image.", None, "A fracture.", True),
    ("What is the diagnosis in the picture?", None, "Psoriasis.", True),
    ("Based on the above graph, what is the trend?", None, "It rises.", True),
    ("What abnormality is seen in this scan?", None, "A mass.", True),
    ("Read the following passage and answer.", None, "Asthma.", True),
    ("Read the following passage and answer.", "Asthma narrows airways.", "Asthma.", False),
    ("What does a chest X-ray show in pneumonia?", None, "A shadow.", False),
    ("What are the risks of this scan?", None, "Few.", False),
    ("Classify the following case: a man with fever.", None, "Infection.", False),
])
def test_references_to_what_is_not_there(instruction: str, given: str | None, output: str, expected: bool) -> None:
    assert dangling_reference(instruction, given, output) is expected


def test_what_ends_as_its_evidence_is_not_cut() -> None:
    text = "Signs of it are listed here\nCough at night and in cold air\nWheeze"
    assert ends_as_evidence("It shows as cough at night: Cough at night and in cold air", [text]) is False
    assert ends_as_evidence("Signs of it are listed here\nCough at night and in cold air", [text])
    assert not ends_as_evidence("Signs of it are listed here\nCough at night", [text])


def test_what_the_evidence_repeats_is_no_repeat_of_the_output(make, measured):
    again = "take one tablet daily " * 6
    alone, grounded = measured([make("a", "How?", again), make("b", "How?", again, passage_ids=["p"])],
                               {"p": f"Adults {again}children none"})
    assert alone["repetition_share"] > 0.7
    assert grounded["repetition_share"] == 0
    once = measured([make("a", "How?", again, passage_ids=["p"])], {"p": "take one tablet daily"})[0]
    assert once["repetition_share"] > 0.7
