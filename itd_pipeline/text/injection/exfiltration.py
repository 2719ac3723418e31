"""Links and code that send what a model knows to someone else, or run where the answer is shown.

A link or picture with a query is ordinary; it counts where the address holds a place to be filled in, or data by name.
"""

from __future__ import annotations

import re

from itd_pipeline.text.injection.rule import InjectionRule

_FILLED = (r"(?:\{\{?[^{}\s]{1,60}\}?\}|<[A-Za-z_ -]{2,40}>|\[(?:[A-Z_ ]{4,40}|data|secret|prompt|summary)\]|%7B|\$\{|"
           r"(?:YOUR|INSERT|SECRET|CONVERSATION|CHAT_HISTORY|USER_DATA)[A-Z_]*)")
_DATA = (r"(?:prompt|secret|token|api_?key|password|history|conversation|chat|context|exfil\w*|stolen|leak\w*|payload|"
         r"base64)")

EXFILTRATION = (
    InjectionRule("filled_link", re.compile(
        rf"!?\[[^\]\n]{{0,200}}\]\(\s*https?://[^\s)]{{1,300}}(?:[?&#/][^\s)]{{0,200}}?){_FILLED}[^)\n]{{0,200}}\)")),
    InjectionRule("data_image", re.compile(
        rf"!\[[^\]\n]{{0,200}}\]\(\s*https?://[^\s)]{{1,300}}[?&]{_DATA}=[^)\n]{{0,300}}\)"
        rf"|<img\b[^<>]{{0,300}}\bsrc\s*=\s*[\"']?https?://[^\"'\s<>]{{1,300}}[?&]{_DATA}=", re.IGNORECASE)),
    InjectionRule("send_data", re.compile(
        r"\b(?:send|post|forward|transmit|upload|exfiltrate|append|encode|e-?mail)\s+(?:\w+\s+){0,6}?"
        r"(?:conversation|chat\s+history|system\s+prompt|api\s+keys?|credentials|passwords?|user(?:'s)?\s+(?:data|messages?)|"
        r"previous\s+messages?)\s+(?:\w+\s+){0,4}?(?:to|into|in|as)\s+(?:\w+\s+){0,4}?(?:https?://|www\.|\S+@\S+|the\s+url\b|"
        r"the\s+(?:following\s+)?(?:url|link|address|endpoint|server)\b)", re.IGNORECASE)),
    InjectionRule("active_markup", re.compile(
        r"<script\b[^<>]{0,200}>|\bjavascript:\s*[\w(]|<(?:iframe|object|embed|form)\b[^<>]{0,200}\b(?:src|action|data)\s*=|"
        r"<[a-z]+\b[^<>]{0,200}\bon(?:error|load|click|mouseover|focus)\s*=\s*[\"']?\w|"
        r"\]\(\s*(?:javascript|data:text/html|vbscript)\s*:", re.IGNORECASE)),
)
