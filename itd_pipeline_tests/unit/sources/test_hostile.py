"""Hostile and broken inputs: each is turned away with its reason, quickly, and nothing else is lost."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import time

import pytest

BOMB = ('<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
        + "]><Document>&j;</Document>")


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "empty_file"),
    (BOMB, "forbidden_xml"),
    ('<!-- c --><?p i?>\n<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "forbidden_xml"),
    ('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><d>&x;</d>', "forbidden_xml"),
    ("<!DOCTYPE d PUBLIC '-//X' 'file:///etc/passwd'><d/>", "forbidden_xml"),
    ("\ufeff<!DOCTYPE d PUBLIC '-//X' 'http://example.org/x.dtd'><d>&alpha;</d>", "no_pairs"),  # never loaded
    ("<!DOCTYPE d><d/>", "no_pairs"),
    ("<d>&undefined;</d>", "malformed_xml"),
    ("<d>" * 5000, "too_deep"),
    ("<d>" * 100_000 + "</d>" * 100_000, "too_deep"),
    ("<d>" * 200, "malformed_xml"),
    ("<d>\0</d>", "malformed_xml"),
    (b"not xml", "malformed_xml"),
    ('<?xml version="1.0" encoding="UTF-16"?><d/>'.encode("utf-16"), "no_pairs"),
    (b'<?xml version="1.0" encoding="ISO-8859-1"?><d>\xe9</d>', "no_pairs"),
    (b'<?xml version="1.0" encoding="no-such"?><d/>', "invalid_encoding"),
    (b"<d>\xe9</d>", "invalid_utf8"),
])
def test_hostile_xml(everything, write, content, reason):
    start = time.monotonic()
    found = everything("medquad", write("a.xml", content)).reject()
    assert time.monotonic() - start < 5
    assert found["reason"] == reason
    assert set(found["row"]) == {"file", "bytes", "sha256"}


def test_malformed_xml_names_line_and_column(everything, write):
    assert everything("medquad", write("a.xml", "<d>\n<e></d>")).reject()["detail"] == "line 2 column 8"


def test_files_at_and_above_the_limit(everything, write, medquad_file):
    data = medquad_file(1, ["Rest."])
    path = write("m/a.xml", data)
    assert len(everything("medquad", path.parent, options={"max_bytes": len(data)}).rows) == 1
    found = everything("medquad", path.parent, options={"max_bytes": len(data) - 1}).reject()
    assert (found["reason"], found["detail"]) == ("too_large", f"bytes={len(data)} max_bytes={len(data) - 1}")
    assert found["row"]["sha256"] is not None


def test_links_devices_and_folders(everything, write, tmp_path):
    write("outside/secret.md", "secret")
    write("notes/a.md", "text")
    notes = tmp_path / "notes"
    (notes / "b.md").symlink_to(tmp_path / "outside" / "secret.md")
    (notes / "c.md").symlink_to(notes / "a.md")
    (notes / "d.md").symlink_to(notes / "gone.md")
    (notes / "e.md").mkdir()
    os.mkfifo(notes / "f.md")
    (notes / "g").symlink_to(tmp_path / "outside")
    (notes / "h").symlink_to(notes)
    result = everything("markdown", notes)
    assert [row["external_id"] for row in result.rows] == ["a.md", "c.md"]
    assert [(r["detail"], r["reason"]) for r in result.rejects] == [
        ("file", "symlink_outside"), ("broken link", "not_a_file"), ("folder", "not_a_file"),
        ("neither file nor folder", "not_a_file"), ("folder", "symlink_outside"),
    ]
    assert "secret" not in str(result)


def test_unsafe_and_odd_members(everything, write, medquad_file):
    buffer = io.BytesIO()
    good = medquad_file(1, ["Rest."])
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, kind, target, data in (
            ("../up.xml", tarfile.REGTYPE, "", good), ("/etc/abs.xml", tarfile.REGTYPE, "", good),
            ("m/link.xml", tarfile.SYMTYPE, "../../../etc/passwd", b""), ("m/in.xml", tarfile.SYMTYPE, "a.xml", b""),
            ("m/hard.xml", tarfile.LNKTYPE, "m/a.xml", b""), ("m/fifo.xml", tarfile.FIFOTYPE, "", b""),
            ("m/big.xml", tarfile.REGTYPE, "", good + b" " * 5000), ("m/a.xml", tarfile.REGTYPE, "", good),
            ("m/bad.xml", tarfile.REGTYPE, "", b"<"), ("m/bad.xml", tarfile.REGTYPE, "", b"<"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, target, len(data)
            archive.addfile(info, io.BytesIO(data))
    result = everything("medquad", write("m.tgz", buffer.getvalue()), options={"max_bytes": 4000})
    assert [row["external_id"] for row in result.rows] == ["m/a:GARD:0000001-1"]
    assert result.reasons == ["unsafe_archive_member", "unsafe_archive_member", "symlink_outside", "not_a_file",
                              "not_a_file", "not_a_file", "too_large", "malformed_xml", "malformed_xml"]


def archive_of(packed, medquad_file, mode):
    return packed({f"m/x/{n:03d}.xml": medquad_file(n, [f"Rest {n} {n * 7919}."]) for n in range(200)}, mode)


@pytest.mark.parametrize(("mode", "name"), [("w:gz", "m.tar.gz"), ("w", "m.tar")])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9])
def test_a_truncated_archive_keeps_what_was_whole(everything, write, packed, medquad_file, mode, name, share):
    whole = archive_of(packed, medquad_file, mode)
    result = everything("medquad", write(name, whole[: int(len(whole) * share)]))
    assert result.reasons == ["truncated_archive"]
    assert len(result.rows) < 200
    if share >= 0.3:
        assert result.rows


def test_an_archive_of_several_gzip_members(everything, write, packed, medquad_file):
    whole = archive_of(packed, medquad_file, "w")
    members = b"".join(gzip.compress(whole[at : at + 10_000], mtime=0) for at in range(0, len(whole), 10_000))
    result = everything("medquad", write("m.tar.gz", members))
    assert (result.rejects, len(result.rows)) == ([], 200)


@pytest.mark.parametrize("blocks", [0, 1, 3, 30])
def test_an_archive_cut_between_its_members(everything, write, packed, medquad_file, blocks):
    cut = archive_of(packed, medquad_file, "w")[: 3 * 512 * 10 + 512 * blocks]
    assert everything("medquad", write("m.tar", cut)).reasons == ["truncated_archive"]


def test_damage_inside_an_archive(everything, write, packed, medquad_file):
    whole = archive_of(packed, medquad_file, "w")
    header = whole.index(b"m/x/100.xml")
    damaged = whole[:header] + b"\xff" * 512 + whole[header + 512 :]
    result = everything("medquad", write("m.tar", damaged))
    assert (result.reasons, len(result.rows)) == (["malformed_archive"], 100)
    assert everything("medquad", write("n.tar", whole + whole)).reasons == ["malformed_archive"]
    packed_whole = bytearray(archive_of(packed, medquad_file, "w:gz"))
    packed_whole[-6] ^= 0xFF  # the checksum
    result = everything("medquad", write("o.tar.gz", bytes(packed_whole)))
    assert (result.reasons, len(result.rows)) == (["malformed_archive"], 200)


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "empty_file"), (b"not an archive", "malformed_archive"), (b"\x1f\x8b\x08", "truncated_archive"),
    (gzip.compress(b"", mtime=0), "truncated_archive"), (gzip.compress(b"x" * 5000, mtime=0), "malformed_archive"),
], ids=["empty", "words", "head", "packed_nothing", "packed_words"])
def test_what_is_no_archive(everything, write, content, reason):
    assert everything("medquad", write("m.tar.gz", content)).reasons == [reason]


def test_a_header_that_claims_gigabytes(everything, write):
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 7 << 30
    content = gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) + b"1" * (3 << 20))
    assert everything("medquad", write("m.tar.gz", content)).reasons == ["malformed_archive"]


def test_file_names_that_are_not_utf8(everything, tmp_path):
    (tmp_path / os.fsdecode(b"n\xe9.md")).write_text("text")
    assert everything("markdown", tmp_path).rows[0]["external_id"] == "n\\xe9.md"


def test_a_file_that_may_not_be_read(everything, write, monkeypatch):
    path = write("n/a.md", "text")
    real = type(path).open

    def refuse(self, *arguments, **keywords):
        if self.name == "a.md":
            raise PermissionError(13, "Permission denied")
        return real(self, *arguments, **keywords)

    monkeypatch.setattr(type(path), "open", refuse)
    found = everything("markdown", path.parent).reject()
    assert (found["reason"], found["detail"]) == ("unreadable_file", "EACCES")
