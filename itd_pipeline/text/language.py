"""Which language a text is in. Belongs here: the tag. Not here: which languages are kept (the profile says so).

py3langid's naive Bayes model over 97 languages, restricted to languages in which medical text is published in
quantity: without the rare ones and without Latin, terms such as *tinea versicolor* or *cor pulmonale* cannot pull
an English text there. Lists of Latin terms can still look Romance, so a text in which common English function words
are frequent is English whatever the model says.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNDETERMINED = "und"

_LANGUAGES = [
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu",
    "id", "it", "ja", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv",
    "ta", "te", "th", "tr", "uk", "ur", "vi", "zh",
]
_FIRST_WORDS = 60
_FIRST_CHARACTERS = 800
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_ENGLISH = frozenset(re.findall(r"\S+", """
    the and of with which that from this are by is be can may who when these not have has it or for to usually
    into between if their other than most people often should your you how what been was were
    my yes does did had she they we there about his would could because any which where then them
"""))
# Words that hardly another language has: where they are frequent, the model, which takes half a second to load and a
# millisecond for a text, finds the same.
_TELLING = {
    "es": frozenset(re.findall(r"\S+", """
        el los las del con por para una está como pero más también muy este esta desde hasta sobre entre cuando porque
        puede ser fue son su sus
    """)),
    "de": frozenset(re.findall(r"\S+", """
        der die das und ist nicht mit den von dem ein eine einer im auf für werden wird sich bei oder als auch nach zu
    """)),
    "fr": frozenset(re.findall(r"\S+", """
        le les des est dans une du au pour par sur avec sont ou qui ne pas cette aux chez être
    """)),
}
_ENGLISH_SHARE = _TELLING_SHARE = 0.15
_ONE_WORD = 1 << 16
_MOST_PIECES = 100_000
_UNSPACED_CHARACTERS_PER_WORD = 2


@cache
def _model() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(_LANGUAGES)
    return model


def identify(text: str, min_words: int = 20, threshold: float = 0.5) -> str:
    """ISO 639-1 code of the language of `text`, or `und`.

    Only the first 60 words are looked at. `und` means that the text has fewer than `min_words` words (in scripts
    without spaces: two characters count as a word) or that the model's probability is below `threshold`.
    """
    start = text[:_FIRST_CHARACTERS].lower()
    if start.isascii() and _plainly_english(start, min_words, len(text) <= _FIRST_CHARACTERS):
        return "en"
    found, length = _first_words(start)
    if length < _FIRST_WORDS and len(text) > _FIRST_CHARACTERS:
        found, length = _first_words(text.lower())
    if length < min_words:
        return UNDETERMINED
    if sum(map(_ENGLISH.__contains__, found)) >= _ENGLISH_SHARE * len(found):
        return "en"
    first, second = sorted(((sum(map(words.__contains__, found)), name) for name, words in _TELLING.items()),
                           reverse=True)[:2]
    if first[0] >= _TELLING_SHARE * len(found) and first[0] >= 3 * second[0]:
        return first[1]
    language, probability = _model().classify(" ".join(found))
    return str(language) if probability >= threshold else UNDETERMINED


def _plainly_english(lowered: str, min_words: int, all_of_it: bool) -> bool:
    """Whether enough of the first 60 words, or of all where the text ends before, are English function words: what the
    slower way below finds as well, so False only means that it has to look."""
    if min_words > _FIRST_WORDS:
        return False
    total = 0
    for piece in lowered.split():
        total += _COUNTS[piece]
        if total >= _FIRST_WORDS * _ONE_WORD:
            count, english = divmod(total, _ONE_WORD)
            return count == _FIRST_WORDS and english >= _ENGLISH_SHARE * _FIRST_WORDS
    count, english = divmod(total, _ONE_WORD)
    return all_of_it and count >= min_words and english >= _ENGLISH_SHARE * count


class _Counts(dict[str, int]):
    """What stands between white space -> its words and, in the lower digits, how many of them are English ones."""

    def __missing__(self, piece: str) -> int:
        found = [piece] if piece.isalpha() else _WORD.findall(piece)
        if len(self) >= _MOST_PIECES:
            self.clear()
        self[piece] = len(found) * _ONE_WORD + sum(map(_ENGLISH.__contains__, found))
        return self[piece]


_COUNTS = _Counts()


def _first_words(lowered: str) -> tuple[list[str], int]:
    """(the first words, how many they count as)."""
    found = _WORD.findall(lowered)
    if lowered.isascii():
        return found[:_FIRST_WORDS], min(len(found), _FIRST_WORDS)
    length = 0
    for i, word in enumerate(found):
        length += 1 if word.isascii() or len(word) < 12 else max(1, len(word) // _UNSPACED_CHARACTERS_PER_WORD)
        if length >= _FIRST_WORDS:
            return found[: i + 1], length
    return found, length
