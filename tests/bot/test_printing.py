"""The list on paper: one page that stands alone, a PDF with Vietnamese letters, codes a phone reads."""

import datetime as dt
import io
import re
import zlib

import pytest

from actions.checklist import Checklist, Section, build
from bot import printing
from knowledge.settings import get_settings
from knowledge.store import open_store

DAY = dt.date(2026, 11, 21)
CASE = {"yeu-to": "trong-nuoc", "truong-hop": "binh-thuong", "thoi-han": "qua-han", "nguoi-nop": "uy-quyen"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("MOTCUA_DATABASE", f"sqlite:///{tmp_path_factory.mktemp('printing') / 'motcua.db'}")
    patch.setenv("MOTCUA_AS_OF", DAY.isoformat())
    get_settings.cache_clear()
    open_store(get_settings().database)
    yield build("1.001193", CASE, DAY)
    patch.undo()
    get_settings.cache_clear()


def test_page_has_all_lines_with_their_source(made):
    page = printing.html(made)
    for section in made.sections:
        assert section.title in page
        for line in section.lines:
            assert line.text.removeprefix("☐ ").removeprefix("   – ").strip().rstrip(":")[:40].replace("&", "&amp;") in page
    facts = sum(line.kind != "heading" for section in made.sections for line in section.lines)
    assert len(re.findall(r"<sup>\[\d+\]</sup>", page)) == facts
    assert made.sources[0].url in page and "Nhờ người khác, có ủy quyền" in page
    assert page.count('class="box"') == len([line for line in made.section("papers").lines if line.text.startswith("☐")])


def test_page_stands_alone_and_is_safe(made):
    page = printing.html(made)
    assert "<script" not in page and 'src="http' not in page and "@import" not in page
    evil = Checklist("1.000000", "<script>x</script>", DAY, [("<b>?", "&")], [Section("papers", "A")], [], None)
    assert "<script>" not in printing.html(evil) and "&lt;script&gt;" in printing.html(evil)


def test_pdf_is_one_or_two_pages_with_vietnamese_letters(made):
    pdfplumber = pytest.importorskip("pdfplumber")
    try:
        content = printing.pdf(made)
    except printing.PrintingError as error:
        pytest.skip(str(error))
    with pdfplumber.open(io.BytesIO(content)) as document:
        assert 1 <= len(document.pages) <= 2
        said = "\n".join(page.extract_text() for page in document.pages)
        assert document.pages[0].width == pytest.approx(595.3, abs=1)
    for words in ("Đăng ký khai sinh", "Văn bản ủy quyền", "Phí, lệ phí tính đến ngày 21/11/2026", "Trang 1/"):
        assert words in said


def test_codes_hold_link_and_text(made):
    link = printing.qr_content(made)
    assert link == made.link and link.startswith("https://dichvucong.gov.vn/")
    words = printing.qr_content(made, "text")
    assert words.startswith("Đăng ký khai sinh (1.001193)") and "Giấy chứng sinh" in words
    assert len(words.encode()) <= printing.QR_TEXT
    assert printing.qr(made).startswith(b"\x89PNG") and b"<svg" in printing.qr(made, as_svg=True)


def test_code_is_dark_on_light_with_a_quiet_border(made):
    """What a phone needs: the border of four modules is light, the corner pattern begins dark behind it."""
    width, rows = _pixels(printing.qr(made))
    assert width == len(rows) and width >= 200
    light = rows[0][0]
    assert all(value == light for value in rows[0]) and all(row[0] == light for row in rows)
    at = next(i for i in range(width) if rows[i][i] != light)
    assert at == 4 * 8
    assert all(rows[at][at + n] != light for n in range(7 * 8))


def _pixels(png: bytes) -> tuple[int, list[list[int]]]:
    """Pixel values of a small PNG of one channel (1, 2, 4 or 8 bits), by the standard library alone."""
    at, data, width, depth = 8, b"", 0, 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, depth = int.from_bytes(body[:4], "big"), body[8]
            assert body[9] in (0, 3)
        if kind == b"IDAT":
            data += body
        at += 12 + length
    raw = zlib.decompress(data)
    stride = (width * depth + 7) // 8
    rows, before = [], bytearray(stride)
    for y in range(len(raw) // (stride + 1)):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        assert kind in (0, 2), "only the filters none and up are written"
        if kind == 2:
            line = bytearray((a + b) % 256 for a, b in zip(line, before, strict=True))
        before = line
        bits = "".join(f"{byte:08b}" for byte in line)
        rows.append([int(bits[i * depth : (i + 1) * depth], 2) for i in range(width)])
    return width, rows


@pytest.mark.parametrize("kind", ["html", "png", "svg", "txt"])
def test_file_of_an_attachment(made, kind):
    file = printing.make_file({"kind": "checklist", "code": "1.001193", "case": CASE}, kind)
    assert file.name == f"danh-sach-1.001193.{kind}" and file.media_type == printing.MEDIA[kind] and len(file.content) > 200


def test_wrong_attachments(made):
    with pytest.raises(KeyError):
        printing.make_file({"kind": "checklist", "code": "9.999999"}, "txt")
    with pytest.raises(ValueError, match="unknown attachment"):
        printing.make_file({"kind": "photo", "code": "1.001193"}, "txt")


def test_without_a_link_the_code_says_so():
    bare = Checklist("1.000000", "X", DAY, [], [Section("papers", "Giấy tờ")], [], None)
    with pytest.raises(printing.PrintingError, match="không có đường dẫn"):
        printing.qr_content(bare)
    assert "Quét để mở" not in printing.html(bare)


def test_command(made, tmp_path, capsys):
    from bot.cli import main

    target = tmp_path / "list.html"
    assert main(["checklist", "1.001193", "--case", "thoi-han=qua-han", "--html", str(target), "--qr", str(tmp_path / "code.svg")]) == 0
    assert "Đã quá 60 ngày" in target.read_text(encoding="utf-8") and (tmp_path / "code.svg").stat().st_size > 300
    assert main(["checklist", "1.001193"]) == 0
    assert "thoi-han: Bé sinh đã quá 60 ngày chưa?" in capsys.readouterr().out
    assert main(["checklist", "9.999999"]) == 1
    assert main(["checklist", "1.001193", "--case", "thoi-han=xyz"]) == 2
    assert "dung-han, qua-han" in capsys.readouterr().err
