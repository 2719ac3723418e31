"""Marks of chat formats and of tool calls: a line of text that a model takes for the next speaker, or for an action.

Patients and doctors have transcripts with speakers too; `Patient:` and `Doctor:` are no roles of a model. `System:` and
`User:` stand in medicine as a heading of a review of systems or a form; alone they count only beside one another.
"""

from __future__ import annotations

import re

from itd_pipeline.text.injection.rule import InjectionRule

_ROLE = r"(?:system|assistant|user|human|developer|ai)"

MARKERS = (
    InjectionRule("chat_token", re.compile(
        r"<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|end|start_header_id|end_header_id|eot_id|"
        r"begin_of_text|end_of_text|endofprompt|fim_\w+|tool_call|channel|message|start|return|call)\|>"
        r"|\[/?INST\]|<</?SYS>>|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"
        r"|<(?:start|end)_of_turn>|</?\|?(?:begin|end)▁of▁sentence\|?>|<｜(?:begin|end|User|Assistant)[^>]{0,30}｜>"
        r"|<s>\s*\[INST\]")),
    InjectionRule("role_header", re.compile(
        r"(?mi)^[ \t]*(?:###|##|\*\*|---|\[|=+)[ \t]*(?:system|assistant|user|human|developer)"
        r"(?:[ \t]+(?:prompt|message|instructions?))?[ \t]*(?:\*\*)?[ \t]*(?:\]|:|=+|-+)[ \t]*(?:\*\*)?"
        r"|^[ \t]*###[ \t]*(?:instructions?|response)[ \t]*:[ \t]*$")),
    InjectionRule("role_turns", re.compile(
        r"(?mi)^[ \t]*(?:system|human|user)[ \t]*:[^\n]*\n(?:[^\n]*\n){0,6}?[ \t]*(?:assistant|ai|system)[ \t]*:")),
    InjectionRule("role_json", re.compile(
        rf"[\"']role[\"']\s*:\s*[\"']{_ROLE}[\"']", re.IGNORECASE)),
    InjectionRule("role_tag", re.compile(
        r"</?(?:system|system_prompt|system-prompt|instructions?|assistant|developer_message|prompt|important_instructions)"
        r"\s*/?>", re.IGNORECASE)),
    InjectionRule("tool_call", re.compile(
        r"</?(?:tool_call|tool_calls|function_calls?|function_results?|tool_use|tool_result|invoke|antml:\w+)"
        r"(?:\s[^<>\n]{0,200})?>"
        r"|[\"'](?:tool_calls?|function_call|tool_use_id|tool_choice)[\"']\s*:"
        r"|\{\s*[\"'](?:name|function|tool)[\"']\s*:\s*[\"'][\w.-]{1,60}[\"']\s*,\s*[\"'](?:arguments|parameters|input)[\"']"
        r"\s*:\s*[{\"']"
        r"|<\|?python_tag\|?>|(?m:^[ \t]*Action:[ \t]*\w+[ \t]*\n[ \t]*Action Input:)")),
)
