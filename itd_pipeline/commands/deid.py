"""`itd deid`: try and measure de-identification."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from itd_pipeline.commands.console import FAILED, AsJson, Profile, out, print_json, print_rows, reported
from itd_pipeline.errors import ConfigError

Language = Annotated[str, typer.Option(help="Language of the texts, ISO 639-1: en, es.")]

app = typer.Typer(help="Try and measure de-identification.", no_args_is_help=True)


@app.command("try")
def try_(
    file: Annotated[Path | None, typer.Argument(help="A text file; without one, standard input.")] = None,
    language: Language = "en",
    replacement: Annotated[str | None, typer.Option(help="tags or surrogates; otherwise as the "
                                                             "profile says.")] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Show a text as it would leave de-identification, and what was found in it. Nothing is stored.

    Examples:

      itd deid try letter.txt
      cat letter.txt | itd deid try
      itd deid try informe.txt --language es
      itd deid try letter.txt --replacement surrogates
    """
    from itd_pipeline.pipeline.deid_recognisers import plugs
    from itd_pipeline.settings import load_settings
    from itd_pipeline.text import deidentify, normalise
    from itd_pipeline.text.deidentify import REPLACEMENTS

    with reported(as_json):
        _known(language)
        try:
            text = sys.stdin.read() if file is None else file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file or 'standard input'}: cannot be read ({type(error).__name__}).",
                              "Give a text file in UTF-8.") from error
        settings = load_settings(profile)
        replaced_by = replacement or settings.deidentification.replacement
        if replaced_by not in REPLACEMENTS:
            raise ConfigError(f"--replacement {replaced_by}: there is none of this name.",
                              f"There are: {', '.join(REPLACEMENTS)}.")
        result = deidentify(normalise(text), language=language, replacement=replaced_by, further=plugs(settings))
        counts = Counter(finding.identifier_class for finding in result.findings)
        if as_json:
            print_json({"text": result.text, "found": dict(sorted(counts.items()))})
            return
        out.print(result.text, markup=False)
        print_rows("Found", ["class", "times"], sorted(counts.items()), right=["times"])


@app.command("key")
def key_(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Make the key that moves each patient's dates by the same weeks in every run.

    Keep it apart from the lake, and keep a copy: with it, dates can be moved back.

    Example:

      itd deid key --profile ours
    """
    from itd_pipeline.pipeline.deid_key import make_key
    from itd_pipeline.settings import load_settings

    with reported(as_json):
        path = make_key(load_settings(profile))
        if as_json:
            print_json({"key": str(path)})
        else:
            out.print(f"Made {path}, readable by you only. Keep a copy in a safe place.", markup=False)


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(help="Gold set: BRAT folder or .tar.gz, Presidio JSON, inline tags, ASQ-PHI, "
                                              "JSONL.")],
    form: Annotated[str | None, typer.Option("--format", help="brat, presidio, inline, asq-phi or jsonl; without it, "
                                                              "the files are looked at.")] = None,
    labels: Annotated[list[str] | None, typer.Option("--label", help="LABEL=class for a label of your own.")] = None,
    show_missed: Annotated[bool, typer.Option(help="Print what was missed: on your own screen only.")] = False,
    save: Annotated[bool, typer.Option(help="Keep the verdict in the lake, without any text, for the profile's "
                                            "`deidentification.required_recall`.")] = False,
    language: Language = "en",
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Measure recall and precision per class against texts that people have marked.

    A gold span counts as found where every letter and digit of it is. Intervals are Wilson's at 95 %.

    Examples:

      itd deid evaluate ward_notes/ --show-missed
      itd deid evaluate notas/ --language es
      itd deid evaluate gold.jsonl --label PATIENT_NO=mrn --save --profile full
    """
    from itd_pipeline import deid_evaluation
    from itd_pipeline.pipeline.deid_gate import code_measured, digest_of, keep_verdict
    from itd_pipeline.pipeline.deid_recognisers import plugs
    from itd_pipeline.settings import load_settings
    from itd_pipeline.text import deidentify

    with reported(as_json):
        _known(language)
        settings = load_settings(profile)
        further = plugs(settings)
        measured = deid_evaluation.evaluate(
            deid_evaluation.read_gold(gold, form),
            lambda text: deidentify(text, language=language, further=further).findings, _own(labels or []))
        if not measured.texts:
            raise ConfigError(f"{gold.name}: holds no texts.", "Give a gold set with at least one text.")
        verdict = deid_evaluation.verdict_of(measured, code_measured(settings), digest_of(gold))
        short = deid_evaluation.shortfalls(verdict, settings.deidentification.required_recall, code_measured(settings))
        if save:
            keep_verdict(settings, verdict)
        if as_json:
            print_json({**verdict, "precision": {k: _row(c) for k, c in measured.precision.items()},
                        "words_changed": _row(measured.words_changed), "quasi": _row(measured.quasi),
                        "clean_texts_touched": _row(measured.clean_texts_touched),
                        "unknown_labels": measured.unknown_labels, "unplaced": measured.unplaced,
                        "shortfalls": short})
        else:
            _print(measured, show_missed)
            for line in short:
                out.print(f"Not enough for this profile: {line}", style="bold red", markup=False)
        if short:
            raise typer.Exit(FAILED)


def _known(language: str) -> None:
    from itd_pipeline.text.identifiers.packs import LANGUAGES

    if language not in LANGUAGES:
        raise ConfigError(f"--language {language}: no recognisers for this language.",
                          f"Languages: {', '.join(LANGUAGES)}.")


def _own(labels: list[str]) -> Mapping[str, str]:
    own = {}
    for each in labels:
        label, mark, kind = each.partition("=")
        if not mark or not label or not kind:
            raise ConfigError(f"--label {each}: is not LABEL=class.", "For example --label PATIENT_NO=mrn.")
        own[label] = kind
    return own


def _row(count: Any) -> dict[str, Any]:
    return {"hits": count.hits, "cases": count.cases, "share": count.share, "interval": count.interval}


def _shares(count: Any) -> list[str]:
    if count.share is None:
        return [str(count.hits), "0", "", ""]
    lower, upper = count.interval
    return [f"{count.hits:,}", f"{count.cases:,}", f"{count.share:.4f}", f"{lower:.4f} to {upper:.4f}"]


def _print(measured: Any, show_missed: bool) -> None:
    columns = ["class", "found", "of", "share", "95 % interval"]
    print_rows(f"Recall over {measured.texts:,} texts", columns,
               [[kind, *_shares(count)] for kind, count in measured.recall.items()]
               + [["overall", *_shares(measured.overall)]], right=columns[1:])
    print_rows("Precision", ["class found", "right", "of", "share", "95 % interval"],
               [[kind, *_shares(count)] for kind, count in measured.precision.items()],
               right=["right", "of", "share", "95 % interval"])
    print_rows("Over-redaction", ["what", "hits", "of", "share", "95 % interval"],
               [["words outside of gold spans changed", *_shares(measured.words_changed)],
                ["texts without identifiers touched", *_shares(measured.clean_texts_touched)],
                ["spans that Safe Harbor lets stay (ages under 90, sex, jobs, countries) changed",
                 *_shares(measured.quasi)]], right=["hits", "of", "share", "95 % interval"])
    for label, spans in measured.unknown_labels.items():
        out.print(f"Label {label} is not known and its {spans:,} spans count in no class: --label {label}=class",
                  markup=False)
    if measured.unplaced:
        out.print(f"{measured.unplaced:,} marked values do not stand in their text and count nowhere.", markup=False)
    if show_missed:
        for missed in measured.missed:
            out.print(json.dumps([missed.text_id, missed.label, missed.value], ensure_ascii=False), markup=False)
    elif measured.missed:
        out.print(f"{len(measured.missed):,} spans were missed: --show-missed prints them here.")
