import time
from pathlib import Path

import pytest

from dxlib.document import load, parse
from dxlib.errors import SourceError
from dxlib.readers import read


def write(tmp_path: Path, data: bytes, name: str = "plan.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "source-empty"),
        (b" \n\n", "source-empty"),
        (b"\x00\x01\x02PDF", "source-binary"),
        ("令和8年度の目標".encode()[:-1], "source-truncated"),
        (b"\n\n\xff\xff\xff\xff plan text that goes on", "source-encoding"),
    ],
)
def test_bad_files_are_refused_with_a_code(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        load(write(tmp_path, data))
    assert caught.value.code == code
    assert "plan.txt" in str(caught.value)
    assert "Hint:" in str(caught.value)


def test_the_message_names_the_line_of_the_bad_byte(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"plan\.txt:3"):
        load(write(tmp_path, b"a\nb\n\xff\xff\xff\xff plan text"))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        load(tmp_path / "nowhere.txt")
    assert caught.value.code == "source-missing"


def test_an_unread_format(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        load(write(tmp_path, b"text", "plan.rtf"))
    assert caught.value.code == "source-format"


def test_cp932_is_decoded_and_noted(tmp_path: Path) -> None:
    document = load(write(tmp_path, "令和8年度の目標\r\n100件".encode("cp932")))
    assert (document.encoding, document.raw) == ("cp932", ("令和8年度の目標", "100件"))


def test_utf16_and_bom(tmp_path: Path) -> None:
    assert load(write(tmp_path, "目標".encode("utf-16"))).raw == ("目標",)
    assert load(write(tmp_path, "目標".encode("utf-8-sig"))).raw == ("目標",)


def test_lines_are_numbered_as_in_the_raw_file() -> None:
    document = parse("\n\n# 見出し\n\n- ・ 項目\na\tb\n\nc\td\n")
    assert [(line.number, line.clean, line.heading) for line in document.lines()] == [(3, "見出し", 1), (5, "項目", 0)]
    assert [table.number for table in document.tables()] == [6, 8]


def test_form_feeds_and_line_separators_do_not_shift_line_numbers() -> None:
    assert parse("a\x0cb\u2028c\nd").raw == ("a\x0cb\u2028c", "d")


def test_markdown_tables_are_tables() -> None:
    (table,) = parse("| 指標 | 目標 |\n|---|---|\n| 件数 | 5件 |\n").tables()
    assert [[cell.clean for cell in row.cells] for row in table.rows] == [["指標", "目標"], ["件数", "5件"]]


@pytest.mark.parametrize(
    "piece", ["1", "5件 ", "1年目", "名前：3名 ", "(", "令和8年度", "100件／令和4年度 ", "<p>", "「", ".", "…", "()", "1("]
)
def test_a_long_line_takes_time_in_proportion_to_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        line = (piece * length)[:length]
        start = time.process_time()  # of this process alone: other tests run beside it
        read(parse(f"{line}\n\n施策名\t指標\t達成状況\n{line}\t{line}\t達成\n"))
        return time.process_time() - start

    seconds(500)
    assert seconds(16_000) < 40 * max(seconds(2_000), 0.01)  # eight times the length, with room for a noisy machine
