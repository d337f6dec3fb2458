"""The shapes of the 24 messy spots of the guidance texts (docs/guidance-spots.md), on made-up snippets.

The same spots in the texts themselves: test_seed_documents.py. Page breaks, footnotes, bold titles, tables over pages and
formulas have their made-up tests in test_document_structure.py.
"""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.guidance.records import PassageRecord
from knowledge.guidance.register import Document, Source, load_corrections
from knowledge.importers.documents import read_document
from knowledge.importers.documents.blocks import Block
from knowledge.importers.documents.paragraphs import correct, to_paragraphs
from knowledge.importers.documents.passages import PassageMaker
from knowledge.importers.documents.readers.txt import blocks_of_lines
from knowledge.importers.documents.structure import build_tree


def corrected(text: str, source: str = "sach-2022") -> str:
    return correct(text, load_corrections(), source)[0]


def passages(text: str, *, warnings: list[dict] | None = None, unusable: list[dict] | None = None) -> list[PassageRecord]:
    """The passages of a made-up plan, with what its register entry would say of it."""
    known = Document("9/KH", dt.date(2020, 1, 2), "Kế hoạch vườn", warnings=warnings or [])
    source = Source("vuon", "9/KH", dt.date(2020, 1, 2), [], unusable=unusable or [])
    tree = build_tree(to_paragraphs(blocks_of_lines(text.split("\n"))))
    return PassageMaker("vuon", "9/KH", known.date, known, source, 2020).run(tree)


# 4, 5: a rank is corrected where only a slip can stand, and nowhere else.
@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("THÚ' TRƯỞNG", "THỨ TRƯỞNG"),
        ("THÚ TRƯỞNG", "THỨ TRƯỞNG"),
        ("5. Thủ trưởng Phan Tâm xem sổ", "5. Thứ trưởng Phan Tâm xem sổ"),
        ("Thủ trưởng đơn vị xem sổ", "Thủ trưởng đơn vị xem sổ"),
        ("Thủ trưởng Trần Văn Vườn xem sổ", "Thủ trưởng Trần Văn Vườn xem sổ"),
    ],
)
def test_ranks(read: str, meant: str) -> None:
    assert corrected(read) == meant


# 6, 9, 17, 18, 24: letters read wrongly, one listed rule each; the same letters in another sense stay.
@pytest.mark.parametrize(
    ("read", "meant", "source"),
    [
        ("vườn có nền tăng đô thị thông minh", "vườn có nền tảng đô thị thông minh", "sach-2022"),
        ("số khách tăng đều", "số khách tăng đều", "sach-2022"),
        ("người muôn cháp nhận cây mới", "người muốn chấp nhận cây mới", "sach-2022"),
        ("QUYẾT ĐỊNH CHUNG", "QUY ĐỊNH CHUNG", "sach-2022"),
        ("xem ở Công dữ liệu quốc gia", "xem ở Cổng dữ liệu quốc gia", "sach-2022"),
        ("Công đánh giá dbi.vidu.vn", "Cổng đánh giá dbi.vidu.vn", "sach-2022"),
        ("Công đánh giá là việc của tổ", "Công đánh giá là việc của tổ", "sach-2022"),
        ("tưới cây năm 2023100% số vườn", "tưới cây năm 2023: 100% số vườn", "phien-5"),
        ("giai đoạn 20262030", "giai đoạn 2026 - 2030", "phien-5"),
        ("tưới cây năm 2023100% số vườn", "tưới cây năm 2023100% số vườn", "sach-2022"),
    ],
)
def test_letters_and_figures(read: str, meant: str, source: str) -> None:
    assert corrected(read, source) == meant


# 13, 14, 20, 21, 23: the text contradicts itself. It stays as it is and says so.
def test_a_contradiction_is_said_and_not_mended() -> None:
    text = "1. Việc chung\n\nVườn có 04 nhóm việc quan trọng:\n\na) Việc 01: Cuốc đất (Phụ lục 01)\n\nb) Việc 02: Gieo hạt (Phụ lục 02)\n\n2. Thời gian\n\nGiai đoạn 2 (từ 01/01): làm đất."
    warnings = [{"match": "04 nhóm việc", "text": "Bản nguồn ghi 04 nhóm nhưng kể 2 việc."}, {"match": r"Giai đoạn 2 \(từ 01/01\)", "text": "Đây là giai đoạn đầu."}]
    found = passages(text, warnings=warnings)
    (groups,) = [p for p in found if "04 nhóm việc quan trọng" in p.text]
    (stage,) = [p for p in found if "Giai đoạn 2" in p.text]
    assert "kể 2 việc" in groups.warning and groups.usable
    assert "giai đoạn đầu" in stage.warning and stage.usable
    assert not any(p.warning for p in found if p not in (groups, stage))


def test_the_two_points_d_are_both_there() -> None:
    found = passages("II. VIỆC\n\n1. Các việc\n\nc) Cuốc đất thật sâu vào đầu mùa mưa.\n\nd) Gieo hạt vào lúc đất còn ẩm.\n\nd) Tưới nước mỗi sáng sớm.")
    text = "\n".join(p.text for p in found)
    assert "Gieo hạt" in text and "Tưới nước" in text


TABLE = "BẢNG VIỆC\n\nTT\tCây\tNơi trồng\tNgười làm\n1\tCam\tĐồi Đông\tTổ Một\n2\tChè\tĐồi Tây\tNguyễn Lạc Vào\n3\tCà phê\tĐồi Bắc\tTổ Hai"


# 15: a table whose columns are shifted. 16: a stray name in a cell.
def test_shifted_rows_are_kept_and_not_quoted() -> None:
    rows = [p for p in passages(TABLE, unusable=[{"caption": "BẢNG VIỆC", "rows": r"^3 \|", "reason": "Cột bị xô."}]) if p.kind == "table_row"]
    assert [(p.usable, p.reason) for p in rows] == [(True, None), (True, None), (False, "Cột bị xô.")]
    assert not any("Cà phê" in p.text for p in rows if p.shown)


def test_mixed_columns_are_left_out_of_every_row_and_the_whole_is_not_quoted() -> None:
    found = passages(TABLE, unusable=[{"caption": "BẢNG VIỆC", "columns": [4], "reason": "Cột cuối lẫn nhau."}])
    rows = [p for p in found if p.kind == "table_row"]
    assert all(p.usable and p.warning == "Cột cuối lẫn nhau." and "Tổ" not in p.text for p in rows)
    (whole,) = [p for p in found if p.kind == "table"]
    assert not whole.usable and whole.reason


def test_a_stray_name_is_left_out_of_its_cell_only() -> None:
    rows = [p for p in passages(TABLE, unusable=[{"caption": "BẢNG VIỆC", "cell": "^Nguyễn Lạc Vào$", "reason": "Tên người lạc vào."}]) if p.kind == "table_row"]
    assert "Lạc Vào" not in "".join(p.text for p in rows)
    assert [p.warning for p in rows] == [None, "Tên người lạc vào.", None] and "Đồi Tây" in rows[1].text


# 12: a row that ends in the middle of a phrase and has empty cells: kept as it stands, no column made up.
def test_a_row_with_empty_cells_says_only_what_stands_there() -> None:
    rows = [p for p in passages("BẢNG VIỆC\n\nTT\tCây\tNơi trồng\tNgười làm\n1\tCam trồng từ\t\t\n2\tChè\tĐồi Tây\tTổ Hai") if p.kind == "table_row"]
    assert rows[0].text.endswith("Cam trồng từ") and "Nơi trồng" not in rows[0].text and "Người làm" not in rows[0].text


# 19: numbers of criteria that were misread; a number that stands twice stays twice.
def test_numbers_of_criteria() -> None:
    assert [corrected(cell) for cell in ("1.2 A", "43", "43.2", "6,3.3")] == ["1.2.4", "4.3", "4.3.2", "6.3.3"]
    assert corrected("đạt 43 điểm") == "đạt 43 điểm"


# 1, 24: a second cover, menus and counters are no text.
def test_counters_and_buttons_are_left_out(write) -> None:
    page = "<html><body><nav>Trang chủ</nav><article><h1>Tin vườn</h1><p>Vườn mở cửa mỗi sáng cho mọi người đến học.</p></article><footer>Thống kê truy cập: 7,035</footer></body></html>"
    document = read_document(write("tin.html", page))
    text = " ".join(" ".join([*p.heading, p.text]) for p in document.passages)
    assert "Vườn mở cửa" in text and "7,035" not in text and "Trang chủ" not in text


# A task of a plan is asked for by its number, whatever letter stands before it.
def test_a_numbered_task_is_part_of_the_place() -> None:
    work = "Việc này cần nhiều người cùng làm với nhau. " * 9  # short ones are put together into one passage
    body = "\n\n".join(f"{letter}) Nhiệm vụ 0{n}: Việc thứ {n} của vườn (Phụ lục 0{n})\n\n- Làm từ đầu năm đến cuối năm. {work}" for n, letter in enumerate("abc", 1))
    found = passages(f"II. VIỆC\n\n2. Nhóm việc\n\n{body}\n\nPHỤ LỤC 01\n\na. Nhiệm vụ 02: Việc của phụ lục\n\n- Làm theo phụ lục này. {work}")
    labels = {p.label for p in found if p.label and "nhiệm vụ" in p.label}
    assert labels == {"mục II.2.a, nhiệm vụ 1", "mục II.2.b, nhiệm vụ 2", "mục II.2.c, nhiệm vụ 3"}


def test_tabs_are_cells() -> None:
    rows = [b for b in blocks_of_lines(TABLE.split("\n")) if b.kind == "row"]
    assert len(rows) == 4 and all(isinstance(row, Block) and len(row.cells) == 4 for row in rows)
