"""Reading files of each format; the documents are made up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from knowledge.importers.documents import UnreadableDocument, read_document
from knowledge.importers.documents.__main__ import main

LETTER = """SỞ THÍ NGHIỆM
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Số: 12/STN-VP

Hà Nội, ngày 05 tháng 3 năm 2024

V/v hướng dẫn dùng
phần mềm mẫu

Kính gửi: Các phòng

Thực hiện chương trình thí nghiệm của năm, Sở đề nghị các phòng làm theo những điều dưới đây, gồm cả

việc báo cáo hằng tuần.

I. Việc phải làm

1. Cài phần mềm mẫu trên mọi máy tính của phòng trước ngày 20 tháng 3, ghi lại số máy đã cài và những máy không cài được vì lý do gì; gửi danh sách về Văn phòng để Văn phòng tổng hợp chung cho cả Sở.

2. Mỗi tuần gửi một báo cáo, nêu số người đã dùng, số người cần được giúp và những lỗi đã gặp trong tuần; báo cáo gửi qua mạng nội bộ, không gửi bản giấy, và ghi rõ tên người chịu trách nhiệm của phòng.

Trân trọng./.

KT. GIÁM ĐỐC

Đã ký: Trần Văn Mẫu
"""


def test_txt_letter(write) -> None:
    document = read_document(write("x.txt", LETTER))
    assert (document.number, document.date) == ("12/STN-VP", dt.date(2024, 3, 5))
    assert document.title == "Hướng dẫn dùng phần mềm mẫu"
    assert document.recipients == "Các phòng."
    assert document.signer.endswith("Trần Văn Mẫu")
    texts = [p.text for p in document.passages]
    assert texts[0].endswith("gồm cả việc báo cáo hằng tuần.")
    assert [p.label for p in document.passages[1:]] == ["mục I"]  # a short section stays whole
    assert document.passages[1].heading == ["I. Việc phải làm"]
    assert "\n2. Mỗi tuần" in document.passages[1].text
    assert not any("GIÁM ĐỐC" in text or "Độc lập" in text for text in texts)
    assert document.passages[0].following == document.passages[1].id
    assert document.passages[1].previous == document.passages[0].id


def test_reading_twice_gives_the_same_ids_and_digest(write) -> None:
    path = write("x.txt", LETTER)
    one, two = read_document(path), read_document(path)
    assert [p.id for p in one.passages] == [p.id for p in two.passages]
    assert one.digest() == two.digest()


def test_a_line_put_in_front_changes_no_id(write) -> None:
    one = read_document(write("x.txt", LETTER))
    two = read_document(write("y.txt", "\n\n" + LETTER))
    assert [p.id for p in one.passages] == [p.id for p in two.passages]


def test_docx(tmp_path: Path) -> None:
    import docx

    source = docx.Document()
    source.add_heading("Quy trình mượn phòng họp", 1)
    source.add_paragraph("Phòng họp của khu A được mượn theo ngày. " * 3)
    source.add_heading("Cách đăng ký", 2)
    source.add_paragraph("Gọi Văn phòng trước một ngày.", style="List Bullet")
    source.add_paragraph("Ghi tên người mượn.", style="List Bullet")
    table = source.add_table(rows=3, cols=3)
    for row, cells in enumerate([("TT", "Phòng", "Sức chứa"), ("1", "A1", "20 người"), ("2", "A2", "45 người")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    path = tmp_path / "mau.docx"
    source.save(str(path))
    document = read_document(path)
    rows = [p for p in document.passages if p.kind == "table_row"]
    assert [p.text for p in rows] == ["1. Phòng: A1; Sức chứa: 20 người", "2. Phòng: A2; Sức chứa: 45 người"]
    assert rows[0].heading == ["Quy trình mượn phòng họp", "Cách đăng ký"]
    listed = next(p for p in document.passages if "Văn phòng" in p.text)
    assert listed.text == "- Gọi Văn phòng trước một ngày.\n- Ghi tên người mượn."


def test_html_leaves_menus_and_footers_out(write) -> None:
    page = """<html><head><title>Thông báo nghỉ lễ</title><link rel="canonical" href="https://vidu.vn/nghi-le"></head>
    <body><nav><a>Trang chủ</a></nav><header>Biểu trưng</header>
    <main><h1>Thông báo nghỉ lễ</h1><p>Cơ quan nghỉ từ ngày 30 tháng 4,<br>làm bù ngày 11 tháng 5.</p>
    <h2>Trực lễ</h2><ul><li>Phòng Một: ca sáng</li><li>Phòng Hai: ca chiều</li></ul>
    <table><tr><th>Ngày</th><th>Người trực</th></tr><tr><td>30/4</td><td>Bà Hoa</td></tr></table>
    <script>var x = "không phải chữ";</script></main>
    <footer>Lượt truy cập: 7,035</footer></body></html>"""
    document = read_document(write("a.html", page))
    everything = "\n".join(p.text for p in document.passages)
    assert document.url == "https://vidu.vn/nghi-le"
    assert document.title == "Thông báo nghỉ lễ"
    assert "Ngày: 30/4; Người trực: Bà Hoa" in everything
    assert "- Phòng Một: ca sáng\n- Phòng Hai: ca chiều" in everything
    for furniture in ("Trang chủ", "Biểu trưng", "7,035", "không phải chữ"):
        assert furniture not in everything


@pytest.mark.slow
def test_pdf_running_heads_page_break_and_table(tmp_path: Path) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    filler = "".join(
        f"<p>Đoạn số {n} nói về việc giữ gìn tài liệu của cơ quan trong kho lưu trữ chung.</p>" for n in range(60)
    )
    html = f"""<style>@page {{ size: A5; @top-center {{ content: "Sổ tay kho lưu trữ" }}
        @bottom-center {{ content: "Trang " counter(page) }} }} table, td, th {{ border: 1px solid; border-collapse: collapse }}</style>
        <h1>Sổ tay kho lưu trữ</h1><p>1. Người mượn tài liệu phải ghi tên vào sổ, ghi rõ ngày mượn và ngày trả.</p>
        <table><tr><th>Loại</th><th>Thời hạn</th></tr><tr><td>Công văn</td><td>5 năm</td></tr></table>{filler}"""
    path = tmp_path / "so-tay.pdf"
    weasyprint.HTML(string=html).write_pdf(str(path))
    document = read_document(path)
    everything = "\n".join(p.text for p in document.passages)
    assert "Loại: Công văn; Thời hạn: 5 năm" in everything
    assert "Trang 2" not in everything
    assert everything.count("Sổ tay kho lưu trữ") <= 1
    assert all(f"Đoạn số {n} " in everything for n in range(60))
    assert max(p.page for p in document.passages if p.page) >= 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"\x00\x01\x02\x03"),
        ("a.docx", b"not a word file"),
        ("a.pdf", b"not a pdf"),
        ("a.txt", b"   \n \n"),
        ("a.odt", b"other"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableDocument) as caught:
        read_document(path)
    assert str(caught.value)


def test_report_names_rejected_files(tmp_path: Path, write, capsys: pytest.CaptureFixture) -> None:
    write("a.txt", LETTER)
    (tmp_path / "b.docx").write_bytes(b"broken")
    assert main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "12/STN-VP (05/03/2024)" in out
    assert "Từ chối" in out and "b.docx" in out
    assert main([]) == 2
