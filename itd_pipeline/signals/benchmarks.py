"""The registry of benchmarks: what the profile names, as items. Reading only: the comparison is elsewhere.

Belongs here: finding the files of a benchmark and saying what is wrong with them. Does not belong here: what a format
looks like (`decontamination.builders`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from itd_pipeline import settings
from itd_pipeline.decontamination.builders import BUILDERS, Builder, Draft, FormatError
from itd_pipeline.decontamination.builders.columns import by_columns
from itd_pipeline.decontamination.builders.files import UNREADABLE, BadLine, kind_of, rows_of
from itd_pipeline.decontamination.hub import cache_folder, snapshot
from itd_pipeline.decontamination.items import BenchmarkItem
from itd_pipeline.errors import SourceError

__all__ = ["BenchmarkItem", "benchmark_files", "load_benchmarks"]

Resolve = Callable[[Path], Path]


def load_benchmarks(named: Mapping[str, settings.Benchmark], resolve: Resolve) -> list[BenchmarkItem]:
    """Every item of the benchmarks, in order of benchmark, file and row.

    Args:
        named: benchmarks of the profile.
        resolve: makes a path of the profile absolute.

    Raises:
        SourceError: a file is missing, unreadable or of another kind, a column is not there, or no text is left to look
            for; the message names benchmark, file, column and the columns that are there.
    """
    items = []
    for name in sorted(named):
        files = benchmark_files(name, named[name], resolve)
        builder = _builder(named[name])
        for path in files:
            part = f"{path.name.split('.')[0]}/" if len(files) > 1 else ""
            items += [BenchmarkItem(name, part + draft.item_id, draft.prompt, draft.options, draft.answer, draft.more)
                      for draft in _drafts(name, path, builder)]
    return items


def benchmark_files(name: str, benchmark: settings.Benchmark, resolve: Resolve) -> list[Path]:
    """The files of a benchmark, in order: the one named, or those of the folder that its builder reads.

    Raises:
        SourceError: there is none, or the data set of the Hub has not been downloaded.
    """
    path = _place(name, benchmark, resolve)
    builder = _builder(benchmark)
    where = f"Benchmark {name!r}, file {str(path)!r}"
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*")
                        if file.is_file() and kind_of(file) in builder.suffixes and builder.wanted(file))
        if not inside:
            raise SourceError(f"Benchmark {name!r}: the folder {str(path)!r} holds no file that its builder reads.",
                              f"It reads {', '.join(builder.suffixes)}, also with .gz.")
        return inside
    if not path.is_file():
        raise SourceError(f"{where}: there is no such file.", f"Correct signals.benchmarks.{name} in the profile.")
    if kind_of(path) not in builder.suffixes:
        raise SourceError(f"{where}: cannot read {path.suffix or 'a file without suffix'!r}.",
                          f"Readable are {', '.join(builder.suffixes)}, also with .gz.")
    return [path]


def _place(name: str, benchmark: settings.Benchmark, resolve: Resolve) -> Path:
    if benchmark.hub is None:
        assert benchmark.path is not None  # one of them is there: the settings see to it
        return resolve(benchmark.path)
    cache = cache_folder()
    found = snapshot(benchmark.hub, cache, benchmark.revision)
    if found is None:
        raise SourceError(
            f"Benchmark {name!r}: the data set {benchmark.hub!r} of the Hub is not in {str(cache)!r}.",
            "A build fetches nothing. Download it once, where there is a network: hf download --repo-type dataset "
            f"{benchmark.hub}")
    return found / (benchmark.path or "")


def _builder(benchmark: settings.Benchmark) -> Builder:
    return BUILDERS[benchmark.builder] if benchmark.builder else by_columns(benchmark.columns)


def _drafts(name: str, path: Path, builder: Builder) -> Iterable[Draft]:
    where = f"Benchmark {name!r}, file {str(path)!r}"
    try:
        drafts = list(builder.build_file(path) if builder.build_file else _from_rows(where, path, builder))
    except FormatError as error:
        raise SourceError(f"{where}: not {builder.what}: {error}.", "Name another file, or another builder.") from error
    except UNREADABLE as error:
        line = f", line {error.number}" if isinstance(error, BadLine) else ""
        raise SourceError(f"{where}{line}: not readable as {kind_of(path)[1:]} ({type(error).__name__}).",
                          "Mend or replace the file.") from error
    if not any(text.strip() for draft in drafts for text in _texts(draft)):
        raise SourceError(f"{where}: it holds no text to look for, so nothing would be checked.", "Replace the file.")
    return drafts


def _from_rows(where: str, path: Path, builder: Builder) -> Iterator[Draft]:
    rows, there = rows_of(path, builder.header)
    if not rows:
        raise SourceError(f"{where}: it holds no rows, so nothing would be checked.", "Replace the file.")
    for column in builder.needs:
        if column not in there:
            raise SourceError(f"{where}: there is no column {column!r}.", f"Its columns are: {', '.join(there)}.")
    yield from builder.build(rows)


def _texts(draft: Draft) -> Iterator[str]:
    yield draft.prompt
    yield draft.answer
    yield from (text for _, text in draft.more)
