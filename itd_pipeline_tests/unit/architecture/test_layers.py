"""One direction: a layer imports only what stands above it, and the heavy libraries stay in their rooms."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "itd_pipeline"

STAGE_ROOMS = {"sources", "licensing", "text", "deid_evaluation", "seeds", "expand", "signals", "policy", "review",
               "evaluation", "release", "validation", "probe"}
FOUNDATION = {"errors", "settings", "ports", "tables"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "ports": set(),
    "settings": {"errors"},
    "tables": {"errors"},
    **{room: FOUNDATION | {"text"} for room in STAGE_ROOMS},
    "sources": FOUNDATION | {"text", "licensing"},
    # Of the evaluation, how a number is written: the verifier reads the report's page.
    "release": FOUNDATION | {"text", "licensing", "similarity", "decontamination", "evaluation"},
    "licensing": FOUNDATION,
    "probe": FOUNDATION | {"evaluation"},
    "signals": FOUNDATION | {"text", "similarity", "decontamination"},
    "decontamination": {"similarity"},
    "similarity": set(),
    "spreadsheet": set(),
    "seeds": FOUNDATION | {"text", "spreadsheet"},
    "review": FOUNDATION | {"text", "spreadsheet"},
    "text": FOUNDATION,
    "quality": FOUNDATION,
    "llm": FOUNDATION,
    "storage": FOUNDATION,
    "network": FOUNDATION,
    "catalogue": FOUNDATION,
    "publishing": FOUNDATION | {"release"},
    "expectations": FOUNDATION | {"quality"},
    "review_store": FOUNDATION | {"review", "seeds", "spreadsheet", "storage"},
    "review_server": FOUNDATION | {"review", "seeds", "review_store"},
    "pipeline": FOUNDATION | STAGE_ROOMS | {"quality", "llm", "storage", "expectations", "review_store",
                                           "decontamination"},
    "defs": FOUNDATION | {"quality", "storage", "pipeline"},
    "commands": FOUNDATION | STAGE_ROOMS | {"llm", "storage", "pipeline", "defs", "network", "catalogue",
                                                "review_store", "review_server", "publishing", "similarity"},
    "definitions": {"defs", "settings"},
    "cli": {"commands"},
    "__main__": {"cli"},
}
LIBRARY_ROOMS = {
    "dagster": {"defs"},
    "litellm": {"llm"},
    "xllamacpp": {"llm"},
    "great_expectations": {"expectations"},
    "httpx": {"network", "llm", "publishing"},  # of the last, only its errors: the Hub's client speaks by it
    "fsspec": {"publishing"},
    "huggingface_hub": {"publishing"},
    "starlette": {"review_server"},
    "uvicorn": {"review_server"},
    "torch": {"probe"},
    "transformers": {"probe"},
    "peft": {"probe"},
    "sqlite3": {"review_store", "llm"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "itd_pipeline" and len(parts) > 1 and parts[1] != "__version__":
            assert parts[1] == room or parts[1] in MAY_IMPORT[room], f"{room} must not import {name}"
        if parts[0] in LIBRARY_ROOMS:
            assert room in LIBRARY_ROOMS[parts[0]], f"{parts[0]} belongs in {LIBRARY_ROOMS[parts[0]]}"


def test_every_room_has_a_place_in_the_layers() -> None:
    assert {room_of(path) for path in modules()} - {"__init__"} == set(MAY_IMPORT)


def test_files_stay_short() -> None:
    long = {str(p.relative_to(PACKAGE)): n for p in modules() if (n := len(p.read_text().splitlines())) > 500}
    assert not long


def test_loading_the_definitions_imports_neither_great_expectations_nor_litellm() -> None:
    program = (
        "import sys, itd_pipeline.definitions as d; d.defs.get_repository_def(); "
        "heavy = {'great_expectations', 'litellm', 'xllamacpp', 'matplotlib', 'statsmodels'} & set(sys.modules); "
        "sys.exit(str(sorted(heavy)) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], cwd=PACKAGE.parent, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_line_starts_without_dagster() -> None:
    program = "import sys, itd_pipeline.cli; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, check=False).returncode == 0


def test_the_code_that_decides_a_stage_is_in_its_fingerprint() -> None:
    """Whatever a stage's rooms import of the package is covered by the fingerprint, too."""
    from itd_pipeline.pipeline.fingerprint import _SHARED
    from itd_pipeline.pipeline.graph import STAGES

    # Contracts are shared; settings enter as params; what a store of answers holds enters as its digest.
    harmless = {"errors", "settings", "ports", "tables", "storage", "review_store"}
    for stage in STAGES.values():
        covered = {room.split("/")[0] if not room.endswith(".py") else room for room in (*stage.rooms, *_SHARED)}
        for room in stage.rooms:
            place = PACKAGE / room
            for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
                for name in imported(path):
                    parts = name.split(".")
                    if parts[0] != "itd_pipeline" or len(parts) < 2 or parts[1] in harmless or parts[1] == "pipeline":
                        continue
                    if room.startswith("pipeline/"):
                        continue  # wires several stages; the rooms that a stage uses are named by the stage
                    assert parts[1] in covered, f"{stage.name}: {room} uses {parts[1]}: not in its fingerprint"
