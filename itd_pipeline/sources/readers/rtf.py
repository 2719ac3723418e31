"""Text of a small RTF file, as clinical documents embed it.

Belongs here: words and paragraphs. Does not belong here: fonts, pictures, tables as tables. Source of the control
words: the Rich Text Format specification 1.9.1.
"""

from __future__ import annotations

import re

from itd_pipeline.sources.files.streams import FileProblem

_TOKEN = re.compile(r"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|[\r\n]+|"
                    r"([^\\{}\r\n]+)")
_HIDDEN = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer", "headerl", "headerr",
                     "footerl", "footerr", "object", "themedata", "datastore", "generator", "listtable",
                     "listoverridetable", "rsidtbl", "xmlnstbl", "fldinst", "nonshppict"})
_MARKS = {"par": "\n\n", "sect": "\n\n", "page": "\n\n", "line": "\n", "row": "\n", "tab": " ", "cell": "; ",
          "emdash": "\u2014", "endash": "\u2013", "bullet": "-", "lquote": "'", "rquote": "'", "ldblquote": '"',
          "rdblquote": '"', "nbsp": " "}


def rtf_text(content: bytes) -> str:
    """Paragraphs separated by an empty line. Raises FileProblem `malformed_rtf`."""
    if not content.lstrip().startswith(b"{\\rtf"):
        raise FileProblem("malformed_rtf", "it does not begin as RTF does")
    pieces: list[str] = []
    stack: list[bool] = []
    hidden, skip = False, 0
    for match in _TOKEN.finditer(content.decode("latin-1")):
        code, word, number, symbol, brace, plain = match.groups()
        if brace == "{":
            stack.append(hidden)
        elif brace == "}":
            hidden = stack.pop() if stack else False
        elif symbol == "*" or word in _HIDDEN:
            hidden = True
        elif hidden:
            continue
        elif code and not skip:
            pieces.append(bytes.fromhex(code).decode("windows-1252", "replace"))
        elif code:
            skip -= 1
        elif word == "u" and number:
            pieces.append(chr(int(number) % 65536))
            skip = 1
        elif word in _MARKS:
            pieces.append(_MARKS[word])
        elif symbol in {"~", "_"}:
            pieces.append(" " if symbol == "~" else "-")
        elif symbol in {"\\", "{", "}"}:
            pieces.append(symbol)
        elif plain:
            pieces.append(plain[skip:])
            skip = 0
    text = "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(r"\n{3,}", "\n\n", text).strip()
