"""Items of benchmarks, and the parts of them that a record must not hold.

Belongs here: what an item is, and which of its texts are looked for. Does not belong here: reading files (`builders`)
or comparing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORT_WORDS = 13
"""A text of fewer words is too short for a share: it counts where it stands whole. 13 is the n-gram of GPT-3
(Brown et al. 2020, arXiv:2005.14165, appendix C)."""
WITH_OPTIONS = "prompt and options"


@dataclass(frozen=True)
class BenchmarkItem:
    """One item of a benchmark.

    Args:
        benchmark: name in the profile.
        item_id: as in the file; else the number of the row, from 1.
        prompt: what the model is asked, with the vignette; empty where the benchmark has none.
        options: texts of the options of a multiple-choice item, in order.
        answer: reference answer; of a multiple-choice item, the right option.
        more: further texts as (name, text), such as a second reference answer or a context.
    """

    benchmark: str
    item_id: str
    prompt: str
    options: tuple[str, ...] = ()
    answer: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """One text of an item that is looked for.

    Args:
        item: place of the item in the list.
        name: `prompt`, `prompt and options`, `answer`, or a name of `BenchmarkItem.more`.
        text: the text.
    """

    item: int
    name: str
    text: str


def parts_of(items: Sequence[BenchmarkItem]) -> list[Part]:
    """Texts to look for, item by item.

    The prompt, and each further text. A prompt of fewer than 13 words may be the question of anyone (`Which of these is
    true?`): together with its options it is the item, so that is looked for, too. An answer counts from 13 words: a
    shorter one (`Aspirin`) is no one's.
    """
    return [part for place, item in enumerate(items) for part in _parts(place, item)]


def _parts(place: int, item: BenchmarkItem) -> Iterable[Part]:
    if item.prompt.strip():
        yield Part(place, "prompt", item.prompt)
        if item.options and len(item.prompt.split()) < SHORT_WORDS:
            yield Part(place, WITH_OPTIONS, "\n".join([item.prompt, *item.options]))
    if len(item.answer.split()) >= SHORT_WORDS:
        yield Part(place, "answer", item.answer)
    for name, text in item.more:
        if text.strip():
            yield Part(place, name, text)
