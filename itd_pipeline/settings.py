"""A run profile: everything a team sets, read from one YAML file, frozen.

Every key is described here once; `docs/settings.md` is generated from these classes. An unknown key is an error
that lists the valid ones. Relative paths are resolved against the project folder: the one that holds `conf/`,
or the profile's own folder where it does not lie in a `conf/`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from itd_pipeline.errors import ConfigError

_NAME = r"^[a-z][a-z0-9_]{0,48}$"


def _not_blank(value: Any) -> Any:
    """Refuses a blank path: it would mean the whole project folder."""
    if any(isinstance(part, str) and not part.strip() for part in (value if isinstance(value, list) else [value])):
        raise ValueError("a path is blank; write the path, or leave the key out")
    return value


class Section(BaseModel):
    """A part of the profile: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dataset(Section):
    """What the released dataset is called."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,48}$", description="Name of the dataset; starts each version.")
    title: str = Field(description="Title on the dataset card.")
    description: str = Field(description="One paragraph for the card: what is in it and for whom.")
    publisher: str = Field(default="", description="Who publishes it; empty says so on the card.")


class Source(Section):
    """One source of documents. Readers list their own `options`: `itd sources --readers`."""

    reader: str = Field(description="Reader that understands the files; `itd sources --readers` lists them.")
    path: Path | None = Field(default=None, description="File, folder or archive (.tar.gz, .zip). Readers of package "
                              "data need none.")
    licence: str = Field(min_length=1, description="SPDX identifier or declared custom licence (`LicenseRef-...`) "
                         "of documents that do not declare their own.")
    attribution: str = Field(default="", description="Whom the licence asks to name, in the words that it asks for; "
                             "printed on the dataset card.")
    language: str = Field(default="en", description="Language of the source (ISO 639-1).")
    specialty: str = Field(default="unspecified", description="Specialty of documents that do not declare their own.")
    audience: str = Field(default="unspecified", description="Audience of documents that do not declare their own.")
    patient_data: bool = Field(default=False, description="Text about patients: de-identified before anything else.")
    model_use: Literal["any", "local_only", "none"] = Field(
        default="local_only",
        description="Which models may see its text: any, only models on this machine, or none. Patient data goes "
        "to a model elsewhere only with `any` and only after a scan of the exact prompt.")
    retrieved_on: str | None = Field(default=None, description="ISO date on which you fetched it.")
    limit: int | None = Field(default=None, ge=1, description="Read at most so many documents: the first ones in "
                              "order. Null for all.")
    routes: tuple[Literal["converted", "template", "synthetic", "hybrid"], ...] = Field(
        default=(), description="How records are made from it.")
    columns: Mapping[str, str] = Field(default_factory=dict, description="For tables (csv, xlsx, jsonl, parquet): "
                                       "document field -> column name.")
    options: Mapping[str, Any] = Field(default_factory=dict, description="Further options of the reader.")

    _paths = field_validator("path", mode="before")(_not_blank)


class Quality(Section):
    """Limits on the shape of prose, after Gopher (Rae et al. 2021); a passage outside is `low_quality`."""

    min_words: int = Field(default=0, ge=0, description="Fewest words. Gopher: 50.")
    min_mean_word_length: float = Field(default=2.0, ge=0, description="Least mean length of words. Gopher: 3.")
    max_mean_word_length: float = Field(default=15.0, gt=0, description="Greatest mean length of words. Gopher: 10.")
    max_symbol_share: float = Field(default=0.1, ge=0, description="Hash marks and ellipses per word. Gopher: 0.1.")
    max_bullet_share: float = Field(default=1.0, ge=0, le=1, description="Share of lines that are bullets. "
                                    "Gopher: 0.9.")
    max_ellipsis_share: float = Field(default=0.3, ge=0, le=1, description="Share of lines that end in an ellipsis. "
                                      "Gopher: 0.3.")
    min_lettered_share: float = Field(default=0.5, ge=0, le=1, description="Share of words that hold a letter. "
                                      "Gopher: 0.8.")
    min_stop_words: int = Field(default=0, ge=0, description="Fewest English stop words. Gopher: 2.")


class Cleaning(Section):
    """From documents to passages."""

    max_words: int = Field(default=220, ge=20, description="Longest passage in words; longer sections are cut "
                           "between sentences.")
    min_words: int = Field(default=3, ge=1, description="Shorter passages are rejected (`too_short`).")
    languages: tuple[str, ...] = Field(default=("en",), description="Languages kept; others are rejected "
                                       "(`wrong_language`).")
    language_min_words: int = Field(default=20, ge=1, description="Texts shorter than this are tagged `und` and "
                                    "kept: nothing can tell their language.")
    overlap_words: int = Field(default=30, ge=0, description="Where a long section is cut, the next passage repeats "
                               "the last sentences of the one before, up to so many words and half of max_words.")
    near_duplicate_jaccard: float = Field(
        default=0.9, gt=0.5, le=1.0, description="Passages whose word 5-shingles are so similar are duplicates, unless "
        "they differ in a number, a negation, a side or a medical term; 1 turns it off.")
    boilerplate_share: float = Field(
        default=0.3, ge=0, le=1, description="A line that stands in this share of a source's documents (at least ten "
        "of them) is boilerplate and left out; 0 turns it off. Not used on text about patients.")
    min_medical_terms: int = Field(default=0, ge=0, description="Passages of prose with fewer words from medical "
                                   "terminologies are rejected (`not_medical`).")
    min_medical_density: float = Field(default=0.0, ge=0, le=1, description="The same, as a share of their words.")
    quality: Quality = Field(default_factory=Quality, description="Limits on the shape of prose "
                             "(`low_quality`).")
    workers: int = Field(default=0, ge=0, le=64, description="Processes that clean; 0 means one for each core. "
                         "Their number changes no byte of the result.")


class Deidentification(Section):
    """How text about patients is made harmless. What is found is described in docs/deidentification.md."""

    required_recall: Mapping[str, float] = Field(
        default_factory=dict, description="Class of identifiers, or `overall`, -> least lower bound of its 95 % "
        "interval in `itd deid evaluate`. Without a passing evaluation no patient data is cleaned.")
    key: Path | None = Field(default=None, description="File with the key that moves each patient's dates by the same "
                             "weeks in every run; `itd deid key` makes it. It must lie outside the lake, readable by "
                             "its owner only. Without it dates are taken out, and nothing links two runs.")
    canaries: int = Field(default=24, ge=0, le=1000, description="Invented notes planted in each source of patient "
                          "data. Their identifiers are looked for in every later stage; one hit blocks.")


class LicenceTerms(Section):
    """What a licence of your own, or an agreement, allows."""

    redistribution: bool = Field(description="Whether the text may be passed on.")
    commercial_use: bool = Field(description="Whether it may be used commercially.")
    derivatives: bool = Field(description="Whether changed versions may be passed on.")
    model_providers: bool = Field(default=True, description="Whether it may be sent to a provider of models.")
    share_alike: bool = Field(default=False, description="Whether what is made of it must bear the same licence.")
    attribution: bool = Field(default=True, description="Whether its author must be named.")
    data_use_agreement: str = Field(default="", description="Name of the agreement that must be signed first.")


class Licensing(Section):
    """What the dataset is to be used for. A document whose licence does not allow it is rejected."""

    redistribution: bool = Field(default=True, description="The dataset will be passed on.")
    commercial_use: bool = Field(default=True, description="It may be used commercially.")
    derivatives: bool = Field(default=True, description="Text will be changed and passed on.")
    model_providers: bool = Field(default=False, description="Text will be sent to a provider of models.")
    unknown: Literal["refuse", "allow"] = Field(default="refuse", description="What happens to documents whose "
                                                "licence nobody knows.")
    agreements: tuple[str, ...] = Field(default=(), description="Data use agreements that you have signed, by name.")
    custom: Mapping[str, LicenceTerms] = Field(default_factory=dict, description="Terms of licences of your own: "
                                               "`LicenseRef-...` -> terms.")


class Seeds(Section):
    """Where experts' records are read from."""

    paths: tuple[Path, ...] = Field(default=(), description="Files or folders of YAML, JSONL, CSV or XLSX.")

    _paths = field_validator("paths", mode="before")(_not_blank)


class Model(Section):
    """The model that writes synthetic and hybrid records."""

    name: str = Field(default="local/smollm2-135m-instruct", description="`local/smollm2-135m-instruct` runs the "
                      "carried model inside; any litellm name (`openai/gpt-4o-mini`, `ollama/llama3`) replaces it; "
                      "`fake/scripted` is the deterministic stand-in for tests.")
    api_base: str | None = Field(default=None, description="Address of an OpenAI-compatible server, where the model "
                                 "is your own.")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 for the likeliest answer.")
    seed: int = Field(default=7, description="Passed to models that take a seed.")
    max_tokens: int = Field(default=256, ge=16, description="Longest answer in tokens.")
    timeout_s: float = Field(default=120, gt=0, description="Longest wait for one answer, in seconds.")
    concurrency: int = Field(default=1, ge=1, le=256, description="Requests in flight. 1 for the carried model.")
    retries: int = Field(default=3, ge=0, description="Further tries after a time-out, 429, 5xx or reset.")
    max_cost_usd: float = Field(default=0.0, ge=0, description="Cap per run. A request that would pass it is not "
                                "sent and is rejected as `spending_cap`. 0 allows only free models.")
    price_per_million_tokens: tuple[float, float] | None = Field(
        default=None, description="Your price in US dollars (sent, received), used instead of litellm's table.")
    options: Mapping[str, Any] = Field(default_factory=dict, description="Options of the fake model.")


class Expansion(Section):
    """From passages and seeds to candidate records."""

    synthetic_per_source: int = Field(default=12, ge=0, description="Model requests per source by passage alone.")
    hybrid_per_source: int = Field(default=12, ge=0, description="Model requests per source by passage and seeds.")
    examples_per_prompt: int = Field(default=2, ge=0, le=8, description="Seeds shown in a hybrid prompt.")
    template_per_source: int | None = Field(default=None, ge=0, description="Template records per source, drawn "
                                            "evenly over question forms and documents. Null for all that fit.")
    seed: int = Field(default=7, description="Decides which passages, seeds and forms are drawn.")


class Benchmark(Section):
    """A benchmark that the dataset must not contain."""

    path: Path = Field(description="JSONL, CSV or Parquet file.")
    columns: tuple[str, ...] = Field(description="Columns whose text must not be found in the dataset.")

    _paths = field_validator("path", mode="before")(_not_blank)


class Signals(Section):
    """How candidates are measured. Thresholds stand in the policy."""

    near_duplicate_jaccard: float = Field(default=0.8, gt=0, le=1, description="Word 5-shingle Jaccard similarity "
                                          "from which two records are near-duplicates.")
    novelty_routes: tuple[str, ...] = Field(default=("synthetic", "hybrid"), description="Routes whose novelty is "
                                            "measured; templates and converted pairs repeat their question forms "
                                            "by design.")
    novelty_threshold: float = Field(default=0.7, gt=0, le=1, description="ROUGE-L from which an instruction counts "
                                     "as known (Self-Instruct's 0.7); known ones do not extend the pool.")
    benchmarks: Mapping[str, Benchmark] = Field(default_factory=dict, description="Benchmarks by name.")


class Review(Section):
    """Who is asked, how many records, and where answers come back."""

    sample_size: int = Field(default=60, ge=0, description="Records per reviewer.")
    reviewers: int = Field(default=2, ge=1, le=10, description="Independent reviewers per record.")
    seed: int = Field(default=7, description="Decides which records are drawn.")
    rubric: Path = Field(default=Path("data/rubric.yaml"), description="The rubric: questions, axes, anchors.")
    returned: Path = Field(default=Path("data/reviews"), description="Folder where filled-in spreadsheets are put.")

    _paths = field_validator("rubric", "returned", mode="before")(_not_blank)


class Release(Section):
    """What leaves the building."""

    validation_share: float = Field(default=0.05, ge=0, lt=0.5, description="Share of groups in the validation split.")
    test_share: float = Field(default=0.05, ge=0, lt=0.5, description="Share of groups in the test split.")
    licences: tuple[str, ...] = Field(default=(), description="Licences that may be released; empty allows every "
                                      "declared licence. Others are rejected (`licence_not_allowed`).")
    allow_patient_data: bool = Field(default=False, description="Whether records from de-identified patient data "
                                     "may be released.")
    require_review: bool = Field(default=False, description="Stop instead of releasing a draft where experts have "
                                 "not yet reviewed the sample.")


class Settings(Section):
    """A whole profile."""

    profile: str = Field(pattern=_NAME, description="Name of the profile.")
    dataset: Dataset
    lake: Path = Field(default=Path("data/lake"), description="Folder for everything the pipeline writes.")
    sources: Mapping[str, Source] = Field(min_length=1, description="Sources by name; each is a partition.")
    cleaning: Cleaning = Cleaning()
    deidentification: Deidentification = Deidentification()
    licensing: Licensing = Licensing()
    seeds: Seeds = Seeds()
    model: Model = Model()
    expansion: Expansion = Expansion()
    signals: Signals = Signals()
    policy: Path = Field(default=Path("conf/policy.yaml"), description="The policy: rules and thresholds.")
    review: Review = Review()
    release: Release = Release()
    root: Path = Field(default=Path(), description="Set by the reader of the file, not in it.")

    _paths = field_validator("lake", "policy", mode="before")(_not_blank)

    @field_validator("sources")
    @classmethod
    def _names(cls, sources: Mapping[str, Source]) -> Mapping[str, Source]:
        import re

        for name in sources:
            if not re.match(_NAME, name) or name == "expert_seeds":
                raise ValueError(f"source name {name!r}: use lower-case letters, digits and _, not `expert_seeds`")
        return sources

    @model_validator(mode="after")
    def _shares(self) -> Settings:
        if self.release.validation_share + self.release.test_share >= 1:
            raise ValueError("release: validation_share and test_share leave nothing to train on")
        return self

    def resolve(self, path: Path) -> Path:
        """`path` against the project folder; `~` is the user's own."""
        path = path.expanduser()
        return path if path.is_absolute() else self.root / path

    @property
    def lake_path(self) -> Path:
        return self.resolve(self.lake)


def load_settings(profile: str | Path) -> Settings:
    """Read a profile by name (`demo` -> `conf/demo.yaml` here) or by path.

    Raises:
        ConfigError: the file is missing, is not YAML, or a key or value is wrong; every wrong key is named
            together with the valid ones.
    """
    path = Path(profile)
    if path.suffix not in {".yaml", ".yml"}:
        path = Path("conf") / f"{profile}.yaml"
    if not path.is_file():
        there = sorted(p.stem for p in path.parent.glob("*.yaml") if p.stem != "policy")
        raise ConfigError(f"There is no profile {str(path)!r}.", f"Profiles here: {', '.join(there) or 'none'}.")
    content = _read_yaml(path)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: a profile is a mapping of keys to values.", "See conf/full.yaml.")
    if "root" in content:
        raise ConfigError(f"{path}: root is not a key of a profile.", f"Valid keys: {_valid_keys(Settings)}.")
    folder = path.resolve().parent
    root = folder.parent if folder.name == "conf" else folder
    content.setdefault("profile", path.stem)
    try:
        return Settings(**content, root=root)
    except ValidationError as error:
        raise ConfigError(f"{path}: " + "; ".join(_explain(e) for e in error.errors()) + ".",
                          "See conf/full.yaml for every key with its meaning.") from error


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key twice in a mapping, where the last one would win in silence."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        first: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if (key.tag, key.value) in first:
                raise _BadKey(f"the key {key.value!r} stands twice, first in line {first[key.tag, key.value]}", line)
            first[key.tag, key.value] = line
        return node

    def names(self, node: yaml.Node | None) -> None:
        """Raises `_BadKey` where a key of the whole document is a number, date or mapping and not a name."""
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag not in {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}:
                written = repr(key.value) if isinstance(key, yaml.ScalarNode) else "made of several values"
                raise _BadKey(f"the key {written} is not a name", key.start_mark.line + 1)


class _BadKey(Exception):
    def __init__(self, problem: str, line: int) -> None:
        self.problem, self.line = problem, line
        super().__init__(problem)


def _read_yaml(path: Path) -> Any:
    """What a YAML file holds. Raises ConfigError with the line."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        loader.names(node)
        content = None if node is None else loader.construct_document(node)
        loader.names(node)  # again: what `<<` merged in now stands there too
        return content
    except _BadKey as error:
        raise ConfigError(f"{path}, line {error.line}: {error.problem}.",
                          "Leave one of each key, written as a word.") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: not readable as YAML: nested too deeply.", "Mend the brackets there.") from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: not readable as YAML.", "Mend the syntax there.") from error


def _valid_keys(section: type[BaseModel]) -> str:
    return ", ".join(name for name in section.model_fields if name != "root")


def _explain(error: Any) -> str:
    """One pydantic error in words: where, what is wrong, what is allowed."""
    location = [str(part) for part in error["loc"]]
    where = ".".join(location)
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg']}" if where else str(error["msg"])
    section: type[BaseModel] | None = Settings
    for part in location[:-1]:
        section = _section_of(section, part) or section
    valid = [n for n in (section or Settings).model_fields if n != "root"]
    close = difflib.get_close_matches(location[-1], valid, n=1)
    meant = f" (did you mean {close[0]!r}?)" if close else ""
    return f"unknown key {where!r}{meant}; valid keys: {', '.join(valid)}"


_NAMED: dict[str, type[BaseModel]] = {
    "dataset": Dataset, "sources": Source, "cleaning": Cleaning, "seeds": Seeds, "model": Model,
    "expansion": Expansion, "signals": Signals, "benchmarks": Benchmark, "review": Review, "release": Release,
}


def _section_of(_: type[BaseModel] | None, part: str) -> type[BaseModel] | None:
    return _NAMED.get(part)
