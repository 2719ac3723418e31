"""Commands to whoever reads: forget what you were told, be someone else, show your instructions, answer so and so.

In medicine patients are told to ignore symptoms, systems are organs and instructions are for use. So a command counts
only with its object: what is to be ignored are *earlier* instructions, rules or prompts, *yours* or *above*.
"""

from __future__ import annotations

import re

from itd_pipeline.text.injection.rule import InjectionRule

_ORDERS = (r"(?:instructions?|prompts?|directions?|directives?|commands?|guidelines|rules|guardrails|programming|"
           r"system messages?|context|conversation|messages?|training)")
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|existing|initial|original|system|developer|safety)"
_FORGET = (r"(?:ignore|disregard|forget|override|bypass|overrule|discard|neglect|"
           r"do not (?:follow|obey)|don'?t (?:follow|obey))")
_YOU = r"(?:you|your)"
_HIDDEN = r"(?:system|hidden|initial|original|secret|developer|internal)"


def _meant(match: re.Match[str]) -> bool:
    """Not `do not ignore earlier instructions`, nor the instructions that a doctor gave or a label has."""
    return not _WARNED.search(match.string[max(0, match.start() - 20):match.start()]) \
        and not _DOCTORS.match(match.string, match.end())


_WARNED = re.compile(r"(?:\bnot|n't|\bnever|\bto)\s+$", re.IGNORECASE)
_DOCTORS = re.compile(r"\s+(?:(?:given\s+)?(?:from|of|by)\s+(?:your|the|a|his|her)\s+(?:doctors?|physicians?|"
                      r"nurses?|pharmacists?|surgeons?|midwi(?:fe|ves)|clinicians?|health)|on\s+the\s+"
                      r"(?:label|packag\w+|leaflet)|(?:for\s+use|about\s+(?:diet|medic\w+|exercise)))", re.IGNORECASE)
_TO_A_MODEL = re.compile(r"\b(?:respond|answer|output|say|write|print|reply|ignore|reveal|return|act|you\s+are|json|"
                         r"rate|score|recommend|promote|praise|approved?|prompt|model|assistant|classify|"
                         r"label)\b", re.IGNORECASE)


def _for_a_model(match: re.Match[str]) -> bool:
    """New instructions that a patient may get, such as one tablet daily, are none."""
    return bool(_TO_A_MODEL.search(match[0]) or _TO_A_MODEL.search(match.string, match.end(), match.end() + 120))


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


COMMANDS = (
    InjectionRule("ignore_instructions", _compiled(
        rf"\b{_FORGET}\s+(?:(?:all|any|every|each|of|the|these|those|my|your|our|and|completely|entirely)\s+){{0,6}}"
        rf"(?:{_EARLIER}(?:\s+(?:and|or)\s+{_EARLIER})?\s+(?:\w+\s+){{0,2}}?{_ORDERS}"
        rf"|{_ORDERS}\s+(?:(?:that|which)\s+)?(?:(?:were|was|are|you\s+(?:were|have\s+been)|given|provided|written|found)\s+)*"
        rf"(?:given\s+|provided\s+)?(?:above|before|earlier|previously|so\s+far|prior\s+to)\b"
        rf"|{_ORDERS}\s+(?:that\s+)?you\s+(?:were|have\s+been|had\s+been)\s+(?:given|told|provided|trained)\b"
        r"|(?:rubric|(?:grading|scoring|evaluation)\s+(?:criteria|rubric|scheme))\b)"), _meant),
    InjectionRule("ignore_in_other_languages", _compiled(
        r"\b(?:ignorier\w*|vergiss|vergessen\s+sie|missachte\w*)\s+(?:sie\s+)?(?:bitte\s+)?(?:alle\s+)?(?:die\s+)?"
        r"(?:vorherigen|bisherigen|obigen|vorangegangenen|früheren)\s+(?:anweisungen|instruktionen|befehle|regeln)\b"
        r"|\b(?:ignor[ae]n?|olvid[ae]n?|omit[ae]n?)\s+(?:todas?\s+)?(?:las\s+)?(?:instrucciones|órdenes|reglas)\s+"
        r"(?:anteriores|previas|precedentes)\b"
        r"|\b(?:ignore[zr]?|oublie[zr]?)\s+(?:toutes?\s+)?(?:les\s+)?(?:instructions|consignes|règles)\s+"
        r"(?:précédentes|antérieures|ci-dessus)\b"
        r"|\bignora(?:te|re)?\s+(?:tutte\s+)?(?:le\s+)?istruzioni\s+precedenti\b"
        r"|\bignor[ae]m?\s+(?:todas\s+)?(?:as\s+)?instruções\s+anteriores\b")),
    InjectionRule("ignore_your_rules", _compiled(
        rf"\b{_FORGET}\s+(?:(?:all|any|every|of)\s+){{0,2}}your\s+(?:\w+\s+){{0,2}}?"
        r"(?:instructions|prompts?|guidelines|rules|guardrails|programming|training|polic(?:y|ies)|restrictions|"
        r"safety\s+\w+)\b")),
    InjectionRule("forget_everything", _compiled(
        rf"\b(?:ignore|disregard|forget)\s+(?:everything|anything|all|what(?:ever)?)\s+(?:that\s+)?{_YOU}\s+"
        r"(?:(?:were|have\s+been|had\s+been|are|'ve\s+been)\s+)(?:told|given|instructed|asked|taught|trained)\b")),
    InjectionRule("new_instructions", _compiled(
        r"(?:^|[.!?:\n]\s*|\b(?:here\s+are|follow|obey|these\s+are)\s+(?:your\s+|the\s+|these\s+)?)"
        r"(?:new|updated|real|actual|revised)\s+(?:system\s+)?(?:instructions?|prompt|directives?|task)"
        r"(?:\s+for\s+(?:the\s+)?(?:ai|model|assistant|llm|chatbot|you))?\s*:"), _for_a_model),
    InjectionRule("system_command", _compiled(
        r"(?m:^[ \t]*)(?:system|developer)\s*:\s*(?:you\s+(?:must|are|will|should|shall)|ignore|always|never|respond|"
        r"answer|output)\b")),
    InjectionRule("other_identity", _compiled(
        r"\b(?:from\s+now\s+on|henceforth)[, ]+(?:you\s+(?:are\s+(?:an?|the|called|named|my)|"
        r"(?:(?:will|must|shall)\s+)?(?:only\s+|always\s+)?(?:act|be\s+an?|respond|answer|reply|speak|write|behave|pretend|obey))|act\s+as|respond|"
        r"answer\s+only)\b"
        r"|\byou\s+are\s+(?:now|no\s+longer)\s+(?:an?\s+|the\s+)?(?:\w+\s+){0,3}?"
        r"(?:ai|a\.i\.|chatbot|assistant|language\s+model|llm|gpt|dan|jailbroken|unrestricted|uncensored|unfiltered)\b"
        r"|\b(?:pretend|act|behave|respond)\s+(?:(?:to\s+be|like|as|as\s+if|as\s+though)\s+)?(?:you\s+(?:are|were)\s+)?"
        r"(?:an?\s+)?(?:unrestricted|uncensored|unfiltered|jailbroken|evil|unethical)\b"
        r"|\b(?:do\s+anything\s+now|developer\s+mode\s+(?:enabled|on|output)|jailbreak\s+mode|god\s+mode\s+enabled)\b")),
    InjectionRule("show_prompt", _compiled(
        r"\b(?:reveal|show|print|repeat|output|display|disclose|leak|expose|tell\s+me|give\s+me|write\s+(?:out|down)|"
        r"what\s+(?:is|are|was|were))\s+(?:\w+\s+){0,2}?(?:your|the)\s+"
        rf"(?:(?:full|entire|exact|complete|own)\s+)?(?:{_HIDDEN}\s+(?:prompts?|instructions?)|(?:system|hidden|secret|developer)\s+messages?)\b"
        r"|\b(?:repeat|print|output)\s+(?:everything|all\s+(?:the\s+)?(?:text|words))\s+(?:above|before\s+this)\b")),
    InjectionRule("addressed_to_model", _compiled(
        r"\b(?:attention|important|note|notice|message|instructions?|hint|hey|dear)\s*(?:to|for|,|:|-)?\s*"
        r"(?:all\s+|any\s+|the\s+)?(?:ai|a\.i\.|llms?|language\s+models?|chatbots?|gpt(?:-\d)?|chatgpt|claude|gemini|"
        r"automated|machine)\s*(?:language\s+)?(?:models?|assistants?|agents?|systems?|readers?|reviewers?|graders?|"
        r"evaluators?|crawlers?|scrapers?)?\s*(?:[:,!-]|\b(?:please|you|do|ignore|must|should)\b)"
        r"|\bif\s+you\s+are\s+(?:an?\s+)?(?:ai|a\.i\.|llm|(?:large\s+)?language\s+model|chatbot|ai\s+\w+|automated\s+\w+)\b"
        r"|\bas\s+an?\s+(?:ai|llm|language\s+model)[^.\n]{0,40}\byou\s+(?:must|should|will|shall|are\s+required)\b")),
    InjectionRule("no_disclosure", _compiled(
        r"\bdo\s+not\s+(?:tell|mention|reveal|disclose|inform|warn|alert)\s+(?:(?:this|that|it|any\s+of\s+this)\s+)?"
        r"(?:to\s+)?(?:the\s+)?(?:user|human|operator|developer)s?\b")),
    InjectionRule("grade_me", _compiled(
        r"\b(?:give|assign|award|return|output|rate|score)\s+(?:\w+\s+){0,4}?(?:(?:the\s+)?(?:highest|maximum|full|perfect|"
        r"best|top)(?:\s+possible)?\s+(?:score|rating|grade|marks?)|(?:a\s+)?(?:score|rating)\s+of\s+(?:10|5|100)\b"
        r"(?=[^.\n]{0,40}\b(?:answer|response|submission|text|document|paper|output)\b)"
        r"|(?:this|the|my)\s+(?:answer|response|submission|record|output)\s+(?:as\s+|with\s+|a\s+)?(?:an?\s+)?(?:5|10|100)\b)")),
)
