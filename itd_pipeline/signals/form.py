"""Form: what can be told from a record's own text, without evidence and without other records.

Truncation, refusals, remains of prompts and degenerate repetition are what small models produce most. Refusals and
remains are phrases that no medical source writes about itself. Repetition follows Gopher's idea (Rae et al. 2021,
arXiv:2112.11446, table A1) for short texts: the share of word 3-grams that repeat an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from itd_pipeline.signals.signal import Columns, Records, Signal
from itd_pipeline.signals.tokens import U32, U64, Tokens, mixed, ngrams

REPEATED_WORDS = 3
SENTENCE_WORDS = 12
"""Shorter outputs without a full stop are answers such as `Type 2 diabetes mellitus`, not cut sentences."""

_REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model|chatbot|virtual assistant)\b"
    r"|\bi(?:'m| am) (?:just |only )?an? (?:ai|(?:large )?language model|chatbot|virtual assistant)\b"
    r"|\bi(?:'m| am) (?:not able|unable) to (?:provide|assist|help|answer|give|offer|access)\b"
    r"|\bi (?:must|have to) (?:respectfully )?(?:decline|refuse)\b"
    r"|\bi (?:won't|will not) be able to (?:provide|assist|help|answer|give|offer)\b"
    r"|\bi (?:can't|cannot|can not|won't|will not) (?:provide|assist|help|answer|give|offer|fulfil|comply|access)"
    r"|^\W*(?:i'm|i am) (?:very |really )?sorry,? but\b"
    r"|^\W*sorry,? (?:but )?i (?:can't|cannot|can not|am|don't|do not)\b"
    r"|\bi (?:don't|do not) have (?:access to|personal|enough information|the ability)"
    r"|\bmy (?:training data|knowledge cut-?off|last update)\b"
)
_REMAINS = re.compile(
    r"\{\{.{0,80}?\}\}|\$?\{\s*[A-Za-z_][A-Za-z0-9_ .]{0,40}\s*\}"
    r"|\{%.{0,80}?%\}"
    r"|<\|[a-z_]{2,20}\|>|</?s>|\[/?INST\]|<</?SYS>>"
    r"|^\s*#{2,}\s*(?:Instruction|Input|Response|Output|System|User|Assistant)\b"
    r"|^\s*(?:Instruction|Output|Response|Passage|Evidence|Assistant|System prompt)\s*:"
    r"|<(?:insert|your|placeholder|name|question|answer|input|output)\b[^>]{0,40}>"
    r"|\[(?:insert|your|placeholder)\b[^\]]{0,40}\]"
    r"|\[(?:patient|doctor|physician|hospital|drug|medication|disease|condition)(?:'s)? "
    r"(?:name|dose|age|address|here)\]"
    r"|^\s*TODO\s*:|\bTODO: "
    r"|\blorem ipsum\b|\bPLACEHOLDER\b|<noinput>",
    re.MULTILINE | re.IGNORECASE,
)
_REFUSAL_HINTS = (
    "language model", "chatbot", "virtual assistant", "intelligence", " an ai", "i am", "i'm", "i can", "i won",
    "i will", "i must", "i have to", "i don", "i do not", "sorry", "my training", "my knowledge", "my last",
)
_REMAINS_HINTS = (
    "{", "<", "[", "#", "instruction", "output", "response", "passage", "evidence", "assistant", "system", "lorem",
    "placeholder", "todo",
)
_PROMPT = re.compile(
    r"^\W*(?:sure|certainly|of course|absolutely|okay|great question)[,!.:]+\s+(?:here|i|let|below)\b|"
    r"^\W*here(?:'s| is| are) (?:a|an|the|your|my|some|one)\b[^.:\n]{0,60}(?:answer|question|response|summary|"
    r"rewrit\w+|version|example|output)\b|"
    r"\b(?:the|this|your) (?:(?:above|given|provided|following|supplied) )?(?:passage|context|excerpt|evidence text|"
    r"source text|provided text|"
    r"snippet)s? (?:does not|doesn't|do not|states?|says?|mentions?|provides?|provided|describes?|above|below|given|"
    r"indicates?)\b|"
    r"\b(?:according to|based on|as (?:stated|mentioned|described) in|from) (?:the|this) (?:(?:above|given|provided|"
    r"following) )?(?:passage|context|"
    r"excerpt|snippet|provided text|provided information)\b|"
    r"\b(?:based on|according to) the (?:information|details|evidence|data)"
    r"(?: (?:provided|given|presented|contained))? in the (?:text|passage|context|excerpt|article|document|prompt)\b|"
    r"\bthe text (?:does not|doesn't|states?|says?|mentions?|describes?)\b|"
    r"\b(?:let me know|feel free to ask) if (?:you|there)\b|\bi hope (?:this|that) helps\b|\bword count:|"
    r"\bas (?:you )?requested\b,|"
    r'"(?:answer|question|output|instruction|quote|response)"\s*:|^\s*(?:Q|Question|A|Answer|Human|'
    r'User)\s*:\s', re.IGNORECASE | re.MULTILINE)
_PROMPT_HINTS = ("sure", "certainly", "of course", "absolutely", "okay", "great q", "here", "passage", "context",
                 "excerpt", "evidence",
                 "source text", "the text", "in the article", "in the document", "in the prompt",
                 "snippet", "provided", "let me know", "feel free", "hope th", "word count",
                 "requested", '":', '" :',
                 "q:", "question", "a:", "answer", "human", "user")
_DANGLING = re.compile(
    r"\b(?:(?:the|this|these|that|following|attached|accompanying|enclosed) )?(?P<thing>images?|pictures?|"
    r"photo(?:graph)?s?|figures?|diagrams?|"
    r"illustrations?|charts?|graphs?|tables?|videos?|x-rays?|scans?|ecgs?|screenshots?|passages?|paragraphs?|texts?|notes?|reports?|cases?|"
    r"vignettes?|lists?|results|dialogues?|conversations?|transcripts?|letters?) "
    r"(?:(?:shown|given|provided|presented|attached|listed|displayed|seen) )?(?:above|below|attached|to the (?:left|"
    r"right)|on (?:the )?(?:next|previous) page)\b|"
    r"\b(?:as (?:shown|seen|depicted|illustrated|listed) in|see|refer to|shown in|look at|in) (?:the |"
    r"this )?(?:following |attached |accompanying )?"
    r"(?P<shown>images?|pictures?|photographs?|figures?|diagrams?|illustrations?|charts?|graphs?|tables?) ?(?:\d+|"
    r"[A-Z]\b|above|below|attached)|"
    r"\((?:see )?(?P<numbered>fig(?:ure|\.)?|table) ?\d+[a-z]?\)|"
    r"\battached (?P<attached>images?|pictures?|photo(?:graph)?s?|figures?|diagrams?|x-rays?|radiographs?|scans?|"
    r"e[ck]gs?|recordings?|audio|videos?|files?|documents?|reports?|tables?)\b|"
    r"\b(?:following|above) (?P<pictured>images?|pictures?|photo(?:graph)?s?|figures?|diagrams?|x-rays?|radiographs?|"
    r"e[ck]gs?|graphs?|charts?|slides?|videos?)\b|"
    r"\b(?:shown|seen|visible|depicted|displayed|diagnosis|finding|abnormality) in (?:the|this) "
    r"(?P<inside>images?|pictures?|photo(?:graph)?s?|figures?|diagrams?|x-rays?|radiographs?|scans?|e[ck]gs?|slides?|videos?)\?|"
    r"\bdoes this (?P<asked>image|picture|photo(?:graph)?|figure|diagram|x-ray|radiograph|scan|e[ck]g|slide|graph|"
    r"chart) (?:show|demonstrate|reveal|suggest|depict|indicate)|"
    r"\b(?:read|use|consider|see) (?:the )?following (?P<following>passages?|paragraphs?|texts?|tables?|lists?|"
    r"dialogues?|conversations?|reports?|notes?)\b(?! (?:of|on|about|from|with)\b)", re.IGNORECASE)
_DANGLING_HINTS = ("above", "below", "attached", "figure", "fig", "table", "to the left", "to the right", "page",
                   "shown", "image", "picture", "following", "does this", "in the", "in this")
_WRITTEN = re.compile(r"tables?$|passages?$|paragraphs?$|texts?$|notes?$|reports?$|cases?$|vignettes?$|lists?$|"
                      r"results$|dialogues?$|conversations?$|"
                      r"transcripts?$|letters?$", re.IGNORECASE)
_TAIL, _REST_WORDS = 40, 25
_SENTENCE_END = re.compile(r"(?:[!?:;。！？%*|…\"'»”’)\]}]|\.(?:\[?\d{1,3}\]?)?)\s*$")
_AFTER_SENTENCE = re.compile(r".*[.!?][\"')\]”’]*\s", re.DOTALL)
_CUT = re.compile(
    r"(?:[,;(\[{/&+=-]|\.\.\.|…|(?<![\w'.])(?:and|or|but|the|(?-i:a)|an|of|with|without|in|on|at|to|for|from|by|as|than|that|"
    r"which|who|whose|because|if|when|while|such|is|are|was|were|be|been|being|has|have|had|may|can|could|should|will|"
    r"would|must|not|its|their|these|those|this|into|between|including|e\.g\.|i\.e\.))\s*$",
    re.IGNORECASE,
)
_LIST_LINE = re.compile(r"^\s*(?:[-*•·–—o]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s|#|\|)")
_LISTED = re.compile(r"\s[-*•·–|]\s|\bhttps?://|\bwww\.")


def truncated(output: str, words: int) -> bool:
    """Whether `output` ends in the middle of a sentence.

    It does where it ends in a comma, an open bracket, dots of omission or a word that cannot end a sentence; and
    where it has at least 12 words and what follows its last full stop reads like prose: mostly lower-case words, no
    line or item of a list, no address.

    Args:
        output: the text.
        words: how many words it has.
    """
    text = output.rstrip()
    if words > 1 and _CUT.search(text[-16:]):
        return True
    if words < SENTENCE_WORDS or _SENTENCE_END.search(text[-8:]):
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    if _LIST_LINE.match(lines[-1]) or (len(lines) > 1 and not _SENTENCE_END.search(lines[-2][-8:])) \
            or (len(lines) > 1 and lines[-2].rstrip().endswith(":")):
        return False
    last_sentence = _AFTER_SENTENCE.match(lines[-1])
    tail = lines[-1][last_sentence.end():] if last_sentence else lines[-1]
    if _LISTED.search(tail):
        return False
    long_words = [word for word in tail.split() if len(word) >= 4]
    return bool(long_words) and sum(word[0].islower() for word in long_words) * 2 >= len(long_words)


def refuses(output: str) -> bool:
    """Whether `output` refuses or speaks of itself as a model."""
    lowered = output.lower().replace("’", "'")
    return any(hint in lowered for hint in _REFUSAL_HINTS) and bool(_REFUSAL.search(lowered))


def has_template_remains(text: str) -> bool:
    """Whether braces with a name inside, chat marks or headings of a prompt are left in `text`."""
    lowered = text.lower()
    return any(hint in lowered for hint in _REMAINS_HINTS) and bool(_REMAINS.search(text))


def ends_as_evidence(output: str, evidence: Iterable[str]) -> bool:
    """Whether the last words of `output` end a line, a sentence or the whole of a passage, too: headings and lists of a
    source end without a full stop."""
    tail = output.rstrip()[-_TAIL:]
    for text in evidence:
        at = text.find(tail)
        if at >= 0 and (not (rest := text[at + len(tail):]).strip() or rest[0] in ".;:!?\n" or rest.startswith(" - ")):
            return True
    return False


def has_prompt_remains(output: str) -> bool:
    """Whether `output` speaks to whoever asked for it, or of the passage it was made from: `Sure, here is the answer`,
    `the passage does not say`, `"answer":`."""
    lowered = output.lower()
    return any(hint in lowered for hint in _PROMPT_HINTS) and bool(_PROMPT.search(output))


def dangling_reference(instruction: str, given: str | None, output: str) -> bool:
    """Whether a text points at something that the record does not hold: `the image above`, `see the table below`.

    A picture is never there; a table, text, case or list is where the input, or the rest of the text (after a colon,
    on a new line, or more than 25 words), holds one.
    """
    for text in (instruction, output):
        lowered = text.lower()
        if not any(hint in lowered for hint in _DANGLING_HINTS):
            continue
        for match in _DANGLING.finditer(text):
            thing = next(filter(None, match.groups()), "").lower()
            if given and (_WRITTEN.match(thing) or thing[:5] in given.lower()):
                continue
            rest = text[match.end():].strip()
            if _WRITTEN.match(thing) and ("\n" in rest or re.search(r":\s*\S", rest)
                                          or len(rest.split()) > _REST_WORDS):
                continue
            return True
    return False


def repetition_shares(
    outputs: Tokens, word_hashes: U64, passages: Tokens | None = None, named: Sequence[Sequence[int]] = (),
) -> list[float]:
    """Share of each row's word 3-grams that are repeats; 0 where it has fewer than three words. What its evidence says
    again and again (a table of doses, a label) is no repeat of the output's.

    Args:
        outputs: rows.
        word_hashes: of their words.
        passages: words of all evidence.
        named: rows of `passages` that each output rests on.
    """
    hashes, rows, _ = ngrams(outputs, word_hashes, REPEATED_WORDS)
    key = mixed(hashes ^ mixed(rows.astype(np.uint64)))
    order = np.argsort(key)
    repeat = np.concatenate([[False], key[order][1:] == key[order][:-1]]) if len(key) else np.zeros(0, bool)
    total = np.bincount(rows, minlength=len(outputs))
    again, owners = hashes[order][repeat], rows[order][repeat]
    if passages is not None:
        known: dict[int, U64] = {}
        by_row = np.argsort(owners, kind="stable")
        again, owners = again[by_row], owners[by_row]
        counts = np.ones(len(again), bool)
        for row in np.unique(owners).tolist():
            here = slice(*np.searchsorted(owners, [row, row + 1]).tolist())
            for place in named[row]:
                if place not in known:
                    known[place] = _said_again(passages.row(place), word_hashes)
                counts[here] &= ~np.isin(again[here], known[place])
        owners = owners[counts]
    repeats = np.bincount(owners, minlength=len(outputs))
    return [float(x) for x in repeats / np.maximum(total, 1)]


def _said_again(words: U32, word_hashes: U64) -> U64:
    """3-grams that a text holds twice."""
    found = np.sort(ngrams(Tokens(words, np.array([0, len(words)])), word_hashes, REPEATED_WORDS)[0])
    again: U64 = found[1:][found[1:] == found[:-1]]
    return again


def measured(records: Records) -> Columns:
    """Columns of this file for each record."""
    words = records.words
    output_words = words.outputs.lengths.tolist()
    instructions, outputs = records.column("instruction"), records.column("output")
    return {
        "instruction_words": words.instructions.lengths.tolist(),
        "output_words": output_words,
        "output_truncated": [
            truncated(text, count) and not ends_as_evidence(text, (records.evidence[p] for p in named))
            for text, count, named in zip(outputs, output_words, records.named, strict=True)],
        "refusal": [refuses(output) for output in outputs],
        "template_remains": [has_template_remains(i) or has_template_remains(o)
                             for i, o in zip(instructions, outputs, strict=True)],
        "prompt_remains": [has_prompt_remains(output) for output in outputs],
        "dangling_reference": [dangling_reference(i, given, o) for i, given, o in
                               zip(instructions, records.column("input"), outputs, strict=True)],
        "repetition_share": repetition_shares(words.outputs, words.hashes, words.passages,
                                              [[words.place[p] for p in named] for named in records.named]),
    }


SIGNAL = Signal(
    name="form", version=3, compute=measured,
    columns=("instruction_words", "output_words", "output_truncated", "refusal", "template_remains", "prompt_remains",
             "dangling_reference", "repetition_share"),
)
