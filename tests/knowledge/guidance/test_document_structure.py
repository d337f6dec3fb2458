"""Paragraphs, tables, trees and copies, on made-up text in the shapes that scanned texts have."""

from __future__ import annotations

import pytest

from knowledge.guidance.records import PassageRecord
from knowledge.importers.documents import find_duplicates, read_document
from knowledge.importers.documents.blocks import Block, formula, plain
from knowledge.importers.documents.markers import marker
from knowledge.importers.documents.paragraphs import drop_furniture, split_inline, to_paragraphs
from knowledge.importers.documents.readers.txt import blocks_of_lines
from knowledge.importers.documents.segments import split_segments
from knowledge.importers.documents.structure import build_tree
from knowledge.importers.documents.tables import build_tables, row_text


def paragraphs(text: str) -> list[str]:
    return [p.text for p in to_paragraphs(blocks_of_lines(text.split("\n")))]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("Các phòng gửi danh sách để giúp\n\nngười mới đến.", True),
        ("Sổ này do thường trực Ban, Bộ\n\nXây dựng và các bên cùng giữ.", True),
        ("Người nhận (gồm cả phòng\n\nKế hoạch) ký tên vào sổ theo quy định của cơ quan.", False),
        ("Phòng Một làm xong việc này.\n\nPhòng Hai làm việc kia.", False),
        ("Cả năm phát triển nền tảng số\n\nBan này giữ sổ.", False),
        ("- việc thứ nhất của phòng\n\n- việc thứ hai của phòng", False),
        ("Theo quy định tại\n\nĐiều 5. của văn bản này, các phòng làm.", True),
    ],
)
def test_page_breaks(text: str, joined: bool) -> None:
    assert (len(paragraphs(text)) == 1) is joined


def test_hard_wrapped_lines_with_short_first_lines() -> None:
    body = []
    for n in range(1, 7):
        body += [
            f"{n}. Ban hành",
            "kế hoạch của phòng về việc giữ sổ sách và đọc tài liệu theo hướng dẫn chung",
            f"của cơ quan số {n} năm nay; gửi báo cáo về văn phòng chậm nhất vào cuối tháng.",
        ]
    result = paragraphs("\n".join(body))
    assert len(result) == 6
    assert result[2].startswith("3. Ban hành kế hoạch của phòng") and result[2].endswith("cuối tháng.")


def test_a_footnote_does_not_cut_the_sentence() -> None:
    result = paragraphs(
        "Chọn các sản phẩm cho hộ dân như thời tiết, mùa vụ,\n\n¹ Hộ dân: người làm vườn.\n\ngiống cây và phân bón."
    )
    assert result == [
        "Chọn các sản phẩm cho hộ dân như thời tiết, mùa vụ, giống cây và phân bón.",
        "¹ Hộ dân: người làm vườn.",
    ]


def test_bold_title_over_two_lines_and_three_things_in_one_line() -> None:
    assert paragraphs("**TÊN SÁCH\nHAI DÒNG**") == ["TÊN SÁCH HAI DÒNG"]
    assert paragraphs("*Hà Nội, ngày 01 tháng 2 năm 2020***CHỈ THỊ****Về việc giữ\nsổ sách**\n\nNội dung bắt đầu.") == [
        "Hà Nội, ngày 01 tháng 2 năm 2020",
        "CHỈ THỊ",
        "Về việc giữ sổ sách",
        "Nội dung bắt đầu.",
    ]


def test_furniture_and_repeated_captions() -> None:
    lines = [
        "Bài viết mẫu có một câu dài.",
        "",
        "{keywords}",
        "Câu này là chú thích",
        "",
        "Câu này là chú thích và còn nữa.",
        "",
        "Những tin mới hơn",
        "Hôm nay",
        "7,035",
    ]
    rules = [
        {"line": r"^\{keywords\}$", "why": "ảnh", "caption": True},
        {"from": "^Những tin mới hơn$", "to": "$end", "why": "chân trang"},
    ]
    kept, dropped = drop_furniture(blocks_of_lines(lines), rules)
    assert [b.text for b in kept if b.kind == "line"] == [lines[0], lines[5]]
    assert [line for line, _ in dropped] == [3, 4, 8, 9, 10]


def test_one_endless_line_is_split() -> None:
    text = (
        "01/02/2020 | lượt xem: 8 Câu đầu tiên nói về sách. Câu thứ hai. Gồm: - Đọc sách cũ. - Viết sách mới. Hết bài."
    )
    pieces, why = split_inline(text, [{"inline": r"^\S+ \| lượt xem: \d+ ", "why": "ngày đăng"}])
    assert pieces[0].startswith("Câu đầu tiên")
    assert "- Đọc sách cũ." in pieces and "- Viết sách mới." in pieces
    assert why == ["ngày đăng"]


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("PHẦN II", "phan", "II"),
        ("Phần II CÁC NỘI DUNG", "phan", "II"),
        ("PHỤ LỤC: TIẾN ĐỘ", "phu-luc", ""),
        ("Phụ lục 01", "phu-luc", "01"),
        ("Chương III THỰC HIỆN", "chuong", "III"),
        ("Mục 2", "muc", "2"),
        ("Điều 5. Nguyên tắc", "dieu", "5"),
        ("IV. Tổ chức", "la-ma", "IV"),
        ("12- Nội dung", "so", "12"),
        ("2.1. Mục tiêu", "so-2", "2.1"),
        ("(7) Nền tảng", "ngoac", "7"),
        ("đ) Điểm này", "chu", "đ"),
        ("a. Việc đầu", "chu", "a"),
        ("Nhiệm vụ 01: Số hóa", "nhiem-vu", "01"),
    ],
)
def test_markers(text: str, name: str, number: str) -> None:
    found = marker(text)
    assert found and (found.name, found.number) == (name, number)


@pytest.mark.parametrize(
    "text",
    ["Năm 2023 là năm", "5 năm", "10.000 người", "Mục tiêu chung", "- a) điểm", "Phần mềm này dùng tốt.", "03 nhóm"],
)
def test_no_markers(text: str) -> None:
    assert marker(text) is None


def test_articles_chapters_and_two_points_with_the_same_letter(write) -> None:
    long = "nội dung này được viết dài để không bị gộp lại với những điểm ở bên cạnh khi chia thành đoạn " * 5
    text = f"Chương I\n\nQUY ĐỊNH CHUNG\n\nĐiều 1. Phạm vi\n\n1. Khoản một {long}:\n\nc) Điểm c {long};\n\nd) Điểm d {long};\n\nd) Điểm đ {long}.\n\nĐiều 2. Hiệu lực\n\nVăn bản có hiệu lực từ ngày ký."
    document = read_document(write("a.txt", text))
    labels = [p.label for p in document.passages]
    assert labels[-1] == "Điều 2"
    assert labels.count("Điều 1, khoản 1, điểm d") == 2
    assert len({p.id for p in document.passages}) == len(document.passages)
    assert document.passages[0].heading[:2] == ["Chương I. QUY ĐỊNH CHUNG", "Điều 1. Phạm vi"]
    assert {p.kind for p in document.passages} == {"article"}


def test_an_annex_of_an_annex_stays_inside() -> None:
    text = "PHỤ LỤC 05\n\nKế hoạch chung\n\nI. MỤC TIÊU\n\nLàm tốt.\n\nPhụ lục 01\n\nBảng việc\n\nXem bảng."
    tree = build_tree(to_paragraphs(blocks_of_lines(text.split("\n"))))
    outer = tree.children[0]
    assert (outer.number, outer.title) == ("05", "Kế hoạch chung")
    assert [child.number for child in outer.children] == ["I", "01"]


def rows(*lines: str, table: int = 1, first: int = 1) -> list[Block]:
    return [Block("row", first + n, line, cells=line.split("|"), table=table) for n, line in enumerate(lines)]


def test_table_over_a_page_break() -> None:
    head = "TT|Việc|Ai làm"
    (table,) = build_tables(
        rows(head, "I|Chuẩn bị|", "1|Mua sách và|Phòng A", table=1)
        + rows(head, "|xếp lên giá|tổ Hai", "2|Ghi sổ|", table=2, first=9)
    )
    assert table.blocks == 2
    assert [row.cells for row in table.rows if not row.is_group] == [
        ["1", "Mua sách và xếp lên giá", "Phòng A tổ Hai"],
        ["2", "Ghi sổ", ""],
    ]
    assert table.rows[1].group == ["Chuẩn bị"]
    assert (table.rows[1].line_from, table.rows[1].line_to) == (3, 10)


def test_two_row_head() -> None:
    (table,) = build_tables(rows("TT|Chỉ số|Điểm||", "||Mức 1|Mức 2|Mức 3", "1|Đọc|5|10|15"))
    assert table.head == ["TT", "Chỉ số", "Điểm - Mức 1", "Điểm - Mức 2", "Điểm - Mức 3"]
    assert (
        row_text(table.head, table.rows[0].cells)
        == "1. Chỉ số: Đọc; Điểm - Mức 1: 5; Điểm - Mức 2: 10; Điểm - Mức 3: 15"
    )


def test_markdown_layout_table_with_a_broken_cell() -> None:
    text = "Nơi nhận:\n|--|--|\n| - Ban Một; | T/M BAN |\n| - Các phòng trực thuộc\nBan; | BÍ THƯ |"
    assert [b.text for b in blocks_of_lines(text.split("\n"))] == [
        "Nơi nhận:",
        "- Ban Một;",
        "- Các phòng trực thuộc Ban;",
        "T/M BAN",
        "BÍ THƯ",
    ]


def test_html_left_in_a_cell_and_formulas() -> None:
    assert (
        plain('<p>Mở lớp:</p> <ul style="list-style-type: none"> - Lớp một (<i>buổi sáng</i>)')
        == "Mở lớp: - Lớp một (buổi sáng)"
    )
    assert plain("Xem tại: <https://vidu.vn/a> ; hết") == "Xem tại: https://vidu.vn/a; hết"
    assert formula(r"$$[W] = \frac{\text{Số người}}{\text{Tổng số}}$$") == "[W] = (Số người) / (Tổng số)"
    assert "tổng với i=1 đến n của" in formula(r"$$[D] = \sum_{i=1}^n (M * W)$$")


BOOK = """MỤC LỤC

Lời giới thiệu\t3
1 - Hướng dẫn trồng cây\t5
2 - Hướng dẫn tưới cây.....\t9

LỜI GIỚI THIỆU

Sách này dành cho người làm vườn.

HƯỚNG DẪN TRỒNG CÂY

Trồng cây vào mùa mưa.

BỘ LÀM VƯỜN
Độc lập - Tự do - Hạnh phúc

Số: 10/BLV-KT

Hà Nội, ngày 01 tháng 3 năm 2020

Đào hố sâu 40 cm.

HƯỚNG DẪN TƯỚI CÂY

Tưới buổi sáng.

Số: 10/BLV-KT

Hà Nội, ngày 09 tháng 9 năm 2021

Không tưới giữa trưa.
"""


def test_documents_inside_a_book(write) -> None:
    segments = split_segments(blocks_of_lines(BOOK.split("\n")))
    assert [s.part for s in segments[1:]] == [
        ["Lời giới thiệu", "1. Hướng dẫn trồng cây"],
        ["Lời giới thiệu", "2. Hướng dẫn tưới cây"],
    ]
    book = read_document(write("sach.txt", BOOK))
    one, two = book.inner
    assert one.number == two.number == "10/BLV-KT"
    assert (one.date.year, two.date.year) == (2020, 2021)
    assert one.key != two.key and one.contained_in == book.key
    assert [p.text for p in one.passages] == ["Đào hố sâu 40 cm."]
    text = " ".join(p.text for p in book.passages)
    assert "mùa mưa" in text and "buổi sáng" in text and "40 cm" not in text


def passage(number: int, text: str, document: str = "1/A") -> PassageRecord:
    return PassageRecord(id=f"{document}:{number}", document=document, document_date=None, text=text)


LONG = "Cơ quan mở cửa phòng đọc mỗi tuần ba buổi cho mọi người đến mượn sách, tra cứu tài liệu cũ và học dùng máy tính miễn phí theo lịch chung."


def test_copies_are_known_across_documents() -> None:
    one, two = passage(1, LONG), passage(2, LONG.replace("mọi người", "mọi  người").upper(), "2/B")
    assert find_duplicates([one, two], {one.id: 1, two.id: 0}) == {one.id: two.id}


def test_a_changed_figure_is_no_copy() -> None:
    one = passage(1, LONG + " Mục tiêu là 50% số người.")
    two = passage(2, LONG + " Mục tiêu là 70% số người.", "2/B")
    assert find_duplicates([one, two]) == {}


def test_short_standing_phrases_are_no_copies() -> None:
    assert find_duplicates([passage(1, "Có hiệu lực từ ngày ký."), passage(2, "Có hiệu lực từ ngày ký.", "2/B")]) == {}
