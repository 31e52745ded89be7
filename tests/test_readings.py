import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from small import change_source

from dxlib import package, portion, readings
from dxlib.collection import find_documents
from dxlib.document import load
from dxlib.errors import SourceError, WarehouseError
from dxlib.facts import Reading, Statistic, UnusedLine, Value
from dxlib.printed import Place
from dxlib.project import Project
from dxlib.readers import read
from dxlib.warehouse import build

KEPT = readings.Kept(
    "k" * 64,
    "utf-8",
    ("人口は5人", ""),
    (Place(1, "表", 2), Place()),
    Reading(
        statistics=(Statistic("人口", Value("context", 1, "5人", 5.0, "=", unit="人", doubts=("year-inferred",))),),
        unused=(UnusedLine(2, "heading", ""),),
        used_lines=frozenset([1]),
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kept").mkdir()
    readings.keep(tmp_path / "kept", KEPT, tmp_path)
    return tmp_path / "kept"


def tables(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.tables.glob("*.csv")}


def test_a_reading_comes_back_as_it_was(folder: Path) -> None:
    assert readings.is_kept(folder, KEPT.key)
    assert readings.take(folder, KEPT.key) == KEPT
    assert [path.parent for path in folder.parent.rglob("*.reading")] == [folder]  # nothing is left beside


def test_real_readings_come_back_as_they_were(repo: Project, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    for found in find_documents(repo):
        document = load(found.path)
        kept = readings.Kept("x", document.encoding, document.raw, document.places, read(document))
        readings.keep(tmp_path / "kept", kept, tmp_path)
        assert readings.take(tmp_path / "kept", "x") == kept


def damages(whole: bytes) -> Iterator[bytes]:
    yield b""
    yield whole[:-1]
    yield whole[: len(whole) // 2]
    yield bytes([whole[0] ^ 1]) + whole[1:]
    yield whole[:-1] + bytes([whole[-1] ^ 1])
    for content in (b"no reading", msgspec.msgpack.encode(["k" * 64, "utf-8", ["x"], [], {"measures": 5}])):
        yield hashlib.sha256(content).digest() + content
        packed = readings.zlib.compress(content)
        yield hashlib.sha256(packed).digest() + packed


def test_a_damaged_or_foreign_file_counts_as_none(folder: Path) -> None:
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    for damaged in damages(whole):
        path.write_bytes(damaged)
        assert readings.take(folder, KEPT.key) is None
    path.write_bytes(whole)
    assert readings.take(folder, KEPT.key) == KEPT
    other = path.with_name(f"{'o' * 64}.reading")
    path.rename(other)
    assert readings.take(folder, "o" * 64) is None  # whole, but of something else
    assert readings.take(folder, "n" * 64) is None


def test_the_key_depends_on_content_ending_and_program() -> None:
    keys = {
        readings.key_of(sha256, Path(name), program)
        for sha256 in "ab"
        for name in ("x.txt", "y.TXT", "x.md")
        for program in ("one", "two")
    }
    assert len(keys) == 8


def test_the_program_is_all_that_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def digest() -> str:
        return readings.program_digest()

    installed = tmp_path / "dxlib"
    for name in ("__init__.py", "readers/grid.py", "vocabulary/units.toml", "vocabulary/names.csv", "sql/schema.sql"):
        (installed / name).parent.mkdir(parents=True, exist_ok=True)
        (installed / name).write_text("a = 1\n")
    monkeypatch.setattr(package, "files", lambda _: installed)
    before = digest()
    assert digest() == before
    (installed / "sql/schema.sql").write_text("b")  # decides nothing about reading
    assert digest() == before
    seen = {before}
    for name in ("readers/grid.py", "vocabulary/units.toml", "vocabulary/names.csv"):
        (installed / name).write_text("a = 2\n")
        seen.add(digest())
    (installed / "readers/grid.py").rename(installed / "readers/other.py")
    seen.add(digest())
    monkeypatch.setattr(package, "version", lambda _: "99")
    seen.add(digest())
    assert len(seen) == 6


def test_only_a_changed_document_is_read_again(unread: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(unread)
    assert (first.read, first.kept) == (5, 0)
    before = tables(unread)
    names: list[str] = []

    def reading(document):
        names.append(document.name)
        return read(document)

    monkeypatch.setattr(portion, "read", reading)
    again = build(unread)
    assert (again.read, again.kept, names) == (0, 5, [])
    assert tables(unread) == before
    assert (again.counts, again.unused, again.findings, again.notes) == (first.counts, first.unused, first.findings, first.notes)
    change_source(unread, "242039-ise/digital-vision-2", "160名", "170名")
    changed = build(unread)
    assert (changed.read, changed.kept, names) == (1, 4, ["digital-vision-2.txt"])
    assert tables(unread)["observation.csv"] != before["observation.csv"]
    change_source(unread, "242039-ise/digital-vision-2", "170名", "160名")
    assert build(unread).read == 1  # what is used no more was removed
    assert tables(unread) == {**before, "document.csv": tables(unread)["document.csv"]}
    assert len(list(unread.readings.iterdir())) == 5


def test_a_damaged_reading_is_read_again(rebuilt: Project) -> None:
    before = tables(rebuilt)
    first, second, *_ = sorted(rebuilt.readings.iterdir())
    first.write_bytes(b"damaged")
    second.write_bytes(second.read_bytes()[:-3])
    (rebuilt.readings / "foreign.txt").write_text("x")
    built = build(rebuilt)
    assert (built.read, built.kept) == (2, 3)
    assert tables(rebuilt) == before
    assert len(list(rebuilt.readings.iterdir())) == 5


def test_another_program_reads_everything_again(rebuilt: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "program_digest", lambda: "another")
    assert build(rebuilt).read == 5
    assert len(list(rebuilt.readings.iterdir())) == 5


def test_a_kept_reading_does_not_hide_a_changed_file(rebuilt: Project) -> None:
    path = rebuilt.raw / "242039-ise/digital-vision-2.txt"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(SourceError, match="the file changed"):
        build(rebuilt)


def test_a_failed_build_keeps_what_it_read(unread: Project) -> None:
    facets = unread.curated / "facets.csv"
    whole = facets.read_text(encoding="utf-8")
    facets.write_text(whole + whole.splitlines()[1].replace("m01.1", "m99.9") + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="m99"):
        build(unread)
    facets.write_text(whole, encoding="utf-8")
    assert build(unread).kept == 5


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no such rights on Windows")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="cannot be kept") as caught:
        readings.keep(tmp_path / "not-there", KEPT, tmp_path)
    assert caught.value.code == "warehouse-write"
