"""A partition is written whole or not at all."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from itd_pipeline.errors import ContractError, NotBuiltError, StorageError
from itd_pipeline.ports import Batch, reject
from itd_pipeline.storage.folder import write_folder
from itd_pipeline.storage.lake import Lake
from itd_pipeline.storage.lock import exclusive
from itd_pipeline.storage.queries import connect, lake_views
from itd_pipeline.tables.contract import Table, text
from itd_pipeline.tables.rejects import REJECTS

PETS = Table("pets", "Pets.", (text("pet_id", "Id."),), ("pet_id",))
NAMES = Table("names", "Names.", (text("name", "Name."),), ("name",))


def batch(*ids: str, rejected: int = 0) -> Batch:
    rejects = [reject("pets", "p", f"bad-{i}", "odd", "", {"id": i}) for i in range(rejected)]
    return Batch(PETS.from_rows([{"pet_id": i} for i in ids]), REJECTS.from_rows(rejects), len(ids) + rejected,
                 facts={"seen": len(ids), "kinds": {"cat": 1}})


def write(lake: Lake, *batches: Batch, fingerprint: str = "f") -> object:
    return lake.write(PETS, "p", batches, fingerprint=fingerprint, inputs={})


def test_batches_become_one_table_with_one_balance(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a", "b"), batch("c", rejected=2))
    manifest = lake.require("pets", "p")
    assert lake.read("pets", "p").column("pet_id").to_pylist() == ["a", "b", "c"]
    assert (manifest.units_in, manifest.rows_out, manifest.rejected) == (5, 3, {"odd": 2})
    assert manifest.facts == {"seen": 3, "kinds": {"cat": 2}}
    assert [t.num_rows for t in lake.batches("pets", "p", batch_rows=2)] == [2, 1]


def test_equal_content_has_equal_versions_and_files(tmp_path: Path) -> None:
    one, two = Lake(tmp_path / "1"), Lake(tmp_path / "2")
    write(one, batch("a"), batch("b"))
    write(two, batch("a"), batch("b"), fingerprint="other")
    assert one.require("pets", "p").data_version == two.require("pets", "p").data_version
    write(two, batch("a"), batch("c"))
    assert one.require("pets", "p").data_version != two.require("pets", "p").data_version


def test_a_failure_in_the_middle_leaves_the_old_partition(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))

    def failing() -> Iterator[Batch]:
        yield batch("b")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        lake.write(PETS, "p", failing(), fingerprint="g", inputs={})
    assert lake.read("pets", "p").column("pet_id").to_pylist() == ["a"]
    assert len(list(lake.folder("pets", "p").iterdir())) == 3


def test_a_batch_that_breaks_its_contract_leaves_the_old_partition(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    wrong = Batch(pa.table({"pet": ["x"]}), REJECTS.empty(), 1)
    with pytest.raises(ContractError):
        write(lake, wrong)
    assert lake.read("pets", "p").num_rows == 1


def test_old_files_and_scratch_of_dead_processes_go(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    dead = lake.folder("pets", "p") / ".scratch-999999999-abc"
    dead.mkdir()
    (dead / "rows.parquet").write_bytes(b"half")
    write(lake, batch("b"))
    names = sorted(path.name.split("-")[0] for path in lake.folder("pets", "p").iterdir())
    assert names == ["manifest.json", "rejected", "rows"]


def test_a_file_that_went_missing_means_not_built(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    lake.path("pets", "p").unlink()
    assert lake.manifest("pets", "p") is None
    with pytest.raises(NotBuiltError, match=r"pets\[p\] has not been built. Run `itd build --source p`"):
        lake.require("pets", "p")


def test_a_damaged_manifest_is_named_with_the_remedy(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    (lake.folder("pets", "p") / "manifest.json").write_text("{")
    with pytest.raises(StorageError, match=r"manifest.json is not a manifest.*Delete it"):
        lake.manifest("pets", "p")


def test_side_tables_and_files_lie_beside_the_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    whole = Batch(PETS.from_rows([{"pet_id": "a"}]), REJECTS.empty(), 1,
                  sides={"names": NAMES.from_rows([{"name": "n"}])}, files={"page.html": b"<p>"})
    lake.write(PETS, "", [whole], fingerprint="f", inputs={}, sides=[NAMES])
    assert lake.read("pets", "", "names").num_rows == 1
    assert lake.read_bytes("pets", "", "page.html") == b"<p>"
    with connect(lake, lake_views(lake, [PETS], [])) as connection:
        assert connection.execute("SELECT (SELECT count(*) FROM pets), (SELECT count(*) FROM names)").fetchone() == (
            1, 1)


def test_a_source_that_left_the_profile_is_not_shown(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    assert "pets" in lake_views(lake, [PETS], ["p"])
    assert "pets" not in lake_views(lake, [PETS], ["q"])


@pytest.mark.skipif(os.name != "posix", reason="limits on file size are a POSIX feature")
def test_a_full_disk_is_named_and_changes_nothing(tmp_path: Path) -> None:
    """A real limit on the size of files stands in for the disk: the kernel refuses the write."""
    program = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from itd_pipeline.errors import StorageError
        from itd_pipeline.ports import Batch
        from itd_pipeline.storage.lake import Lake
        from itd_pipeline.tables.contract import Table, text
        from itd_pipeline.tables.rejects import REJECTS
        import hashlib
        pets = Table("pets", "Pets.", (text("pet_id", "Id."),), ("pet_id",))
        def batch(n):
            rows = [{"pet_id": hashlib.sha256(str(i).encode()).hexdigest()} for i in range(n)]
            return Batch(pets.from_rows(rows), REJECTS.empty(), n)
        lake = Lake(Path(sys.argv[1]))
        lake.write(pets, "p", [batch(2)], fingerprint="f", inputs={})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            lake.write(pets, "p", [batch(20_000)], fingerprint="g", inputs={})
        except StorageError as error:
            print(error)
        assert lake.read("pets", "p").num_rows == 2
        print(sorted(path.name.split("-")[0] for path in lake.folder("pets", "p").iterdir()))
    """)
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "No room left to write" in done.stdout
    assert "what is finished is kept" in done.stdout
    assert "['manifest.json', 'rejected', 'rows']" in done.stdout


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "releases" / "v-1"
    with pytest.raises(TypeError):
        write_folder(target, {"a/b.txt": b"1", "c.txt": None})  # type: ignore[dict-item]
    assert not target.exists()
    assert list(target.parent.iterdir()) == []
    write_folder(target, {"a/b.txt": b"1"})
    write_folder(target, {"a/b.txt": b"2"})
    assert (target / "a" / "b.txt").read_bytes() == b"1"


def test_a_damaged_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    path = lake.path("pets", "p")
    path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(StorageError, match=r"rows-.* is damaged.*Delete the folder"):
        lake.read("pets", "p")


@pytest.mark.parametrize("content", ["null", '"x"', "[]", '{"files": {}}', '{"files": []}'])
def test_any_json_that_is_no_manifest_is_named(tmp_path: Path, content: str) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    (lake.folder("pets", "p") / "manifest.json").write_text(content)
    with pytest.raises(StorageError, match=r"is not a manifest"):
        lake.manifest("pets", "p")


def test_a_verdict_holds_for_one_content_only(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, batch("a"))
    assert not lake.passed("pets", "p")
    lake.mark("pets", "p", lake.require("pets", "p").data_version, True)
    assert lake.passed("pets", "p")
    write(lake, batch("a"))
    assert lake.passed("pets", "p")
    write(lake, batch("b"))
    assert not lake.passed("pets", "p")


def test_a_lake_is_held_by_one_build_of_one_profile(tmp_path: Path) -> None:
    second = exclusive(tmp_path, "ours")
    with exclusive(tmp_path, "ours"), pytest.raises(StorageError, match=r"Another build works"):
        second.__enter__()
    with pytest.raises(StorageError, match=r"belongs to profile ours, not to theirs"), exclusive(tmp_path, "theirs"):
        pass


def test_a_lake_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("")
    with pytest.raises(StorageError, match=r"cannot be written"), exclusive(tmp_path / "lake", "ours"):
        pass
