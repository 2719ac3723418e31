"""Which language a text is in. Belongs here: the tag. Not here: which languages are kept (the profile says so).

py3langid's naive Bayes model over 97 languages, restricted to languages in which medical text is published in
quantity: without the rare ones and without Latin, terms such as *tinea versicolor* or *cor pulmonale* cannot pull
an English text there. Lists of Latin terms can still look Romance, so a text in which common English function words
are frequent is English whatever the model says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from itd_pipeline.text.pieces import PUNCTUATION, Pieces

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
# millisecond for a text, finds the same. Lists of symptoms or treatments have few of the words above, and enough of
# these.
_ENGLISH_TOO = _ENGLISH | frozenset(re.findall(r"\S+", """
    such during after some many common both through only used uses using use including includes include included
    without within each been up out more how than until while since very much found known called made make makes help
    helps need needs high low early several often caused causes affects affected affect developed becomes become begins
    begin symptoms treatment treatments treated treat people person disease diseases disorder disorders weakness blood
    health heart skin bone bones children women doctor doctors years year months month weeks week days day level levels
    breathing kidney lung liver muscle muscles pain signs growth cells large older younger work care life living water
    food eating therapy therapies surgery infection infections injury injuries failure bleeding swelling fever headache
    cough cancers stroke drugs tests changes problems types new being clinical trials tested tumors growths
"""))
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
_TELLING_LEAD = 3
_WORDS_AT, _ENGLISH_ONES = 31, (1 << 31) - 1
_MOST_PIECES, _LONGEST_PIECE = 100_000, 40
_LONG_WORD, _UNSPACED_CHARACTERS_PER_WORD = 12, 2


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
    start = text
    if len(text) > _FIRST_CHARACTERS:
        start = text[: max(text.rfind(" ", 0, _FIRST_CHARACTERS), text.rfind("\n", 0, _FIRST_CHARACTERS), 0)]
    found, length = _first_words(start.lower())
    if length < _FIRST_WORDS and len(start) < len(text):
        found, length = _first_words(text.lower())
    if length < min_words:
        return UNDETERMINED
    if sum(map(_ENGLISH.__contains__, found)) >= _ENGLISH_SHARE * len(found):
        return "en"
    first, second = sorted(((sum(map(words.__contains__, found)), name) for name, words in _TELLING.items()),
                           reverse=True)[:2]
    if sum(map(_ENGLISH_TOO.__contains__, found)) >= max(_ENGLISH_SHARE * len(found), _TELLING_LEAD * first[0]):
        return "en"
    if first[0] >= _TELLING_SHARE * len(found) and first[0] >= _TELLING_LEAD * second[0]:
        return first[1]
    language, probability = _model().classify(" ".join(found))
    return str(language) if probability >= threshold else UNDETERMINED


def identify_all(texts: Sequence[str], pieces: Pieces, min_words: int, known: Sequence[str]) -> list[str]:
    """What `identify` finds for each text. Most are English, which their pieces show without a look at the text.

    Args:
        pieces: of these texts.
        known: languages that need not be looked for; empty for the others.
    """
    plain = _plainly_english(pieces, min_words)
    return [language or ("en" if english else identify(text, min_words))
            for text, english, language in zip(texts, plain, known, strict=True)]


def _plainly_english(pieces: Pieces, min_words: int) -> list[bool]:
    """Whether enough of the first 60 words of each text, or of all where it has fewer, are English function words."""
    both = pieces.running(np.array(list(map(_COUNTS.__getitem__, pieces.distinct)), np.int64))
    total = both >> _WORDS_AT
    begin = pieces.edges[:-1]
    stop = np.minimum(total[begin] + _FIRST_WORDS, total[pieces.edges[1:]])
    at = np.searchsorted(total, stop)
    count = stop - total[begin]
    english = (both[at] & _ENGLISH_ONES) - (both[begin] & _ENGLISH_ONES)
    # Where the sixtieth word stands amid a piece (and/or), `identify` has to count.
    plain = (total[at] == stop) & (count >= min_words) & (english >= _ENGLISH_SHARE * count)
    found: list[bool] = plain.tolist()
    return found


class _Counts(dict[str, int]):
    """What stands between white space -> its words and, in the lower digits, how many of them are English ones."""

    def __missing__(self, piece: str) -> int:
        word = piece.strip(PUNCTUATION).lower()
        found = [word] if word.isascii() and word.isalpha() else _WORD.findall(piece.lower())
        packed = sum(map(_weight, found)) << _WORDS_AT | sum(map(_ENGLISH.__contains__, found))
        if len(self) >= _MOST_PIECES:
            self.clear()
        if len(piece) <= _LONGEST_PIECE:
            self[piece] = packed
        return packed


_COUNTS = _Counts()


def _first_words(lowered: str) -> tuple[list[str], int]:
    """(the first words, how many they count as)."""
    found = _WORD.findall(lowered)
    if lowered.isascii():
        return found[:_FIRST_WORDS], min(len(found), _FIRST_WORDS)
    length = 0
    for i, word in enumerate(found):
        length += _weight(word)
        if length >= _FIRST_WORDS:
            return found[: i + 1], length
    return found, length


def _weight(word: str) -> int:
    """How many words it counts as; in scripts without spaces, what looks like one is several."""
    return 1 if word.isascii() or len(word) < _LONG_WORD else max(1, len(word) // _UNSPACED_CHARACTERS_PER_WORD)
