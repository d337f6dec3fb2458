"""The table "Thành phần hồ sơ": papers with their forms and counts, grouped by case.

Cells are run together: `Tên giấy tờMẫu đơn, tờ khaiSố lượng- ...Mau 05.docx1 bản chính,1 bản saoĐơn ...`. The count
cell is the row's border: glued on its left to the name or the form, and followed by the next row, a title or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.importers.text import LOWER, UPPER, normalise, one_line, says_nothing, short, strip_bullet
from knowledge.records import DossierItem, Flag

HEADER = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"

_COUNT = re.compile(r"(?P<run>\d+)\s?bản chính(?:,\s?(?P<copies>\d{1,2})\s?bản sao)?|(?<![\d,])(?P<only>\d)\s?bản sao")
_FILE = r"\.(?i:docx|doc(?!x)|pdf|xlsx|xls(?!x)|rar|zip|jpe?g|png|odt|rtf|pptx|ppt(?!x)|html?|tif|txt|mht)"
_FILES = re.compile(_FILE)
_SETS = re.compile(
    r"(?:[Ss]ố\s*(?:lượng|bộ)|\bSL)(?:\s*hồ sơ)?(?:\s*(?:nộp|phải nộp|gửi))?\s*(?:\([^)]*\)\s*)?(?::|là|gồm)?\s*[-+]?\s*(?P<sets>\d{1,2}\s*(?:\([^)]{1,20}\)\s*)?bộ(?: hồ sơ)?(?: gốc| bản chính)?)"
    r"|[Hh]ồ sơ (?:được lập|lập|gồm|nộp)(?: thành)?\s*(?P<made>\d{1,2}\s*(?:\([^)]{1,20}\)\s*)?bộ)"
)
# "Tổ chức gửi 01 bộ hồ sơ đến Sở ...", "Cá nhân nộp hồ sơ (02 bộ) trực tiếp": said in passing, mostly in the steps
_SETS_IN_PASSING = re.compile(
    r"(?<![\d.,/])(?P<sets>\d{1,2}\s*(?:\([^)\d]{1,20}\)\s*)?bộ\s+(?:[Hh]ồ sơ(?: gốc| giấy)?|bằng tiếng Việt))\b|[Hh]ồ sơ \((?P<held>\d{1,2} bộ)\)"
)
_HANDS_OVER = re.compile(r"\b(?:(?P<filed>[Nn]ộp|[Gg]ửi(?! kèm)|[Ll]ập|[Cc]huẩn bị|[Hh]oàn thi?ện|hoàn thành)|chuyển|giao(?! thông| dịch)|trả|lưu|kèm)\b")
_OFFICE_FIRST = re.compile(
    r"^\W*(?:[Bb]ước \d+\W*)?(?:(?:[Ss]au khi|[Tt]rong (?:thời hạn|vòng|\d+)) [^,]*,(?:[^,]*,)?\s*)?"
    r"(?:Sở|Bộ|UBND|[UỦ][ỷyủ] ban|Cục|Vụ|Chi cục|Cơ quan tiếp nhận|Cảng vụ|Ngân hàng Nhà nước|Văn phòng đăng ký|Cán bộ|Công chức)\b"
)
_PART_OF_SETS = re.compile(r"\((?:trong đó|gồm|bao gồm)[^)]*$")
# "mẫu CT01", "Mẫu số 05", "theo mẫu 14-HSB", "Mẫu BM.NCC.20.01"
_FORM = re.compile(
    r"(?:[Mm]ẫu|MẪU)(?:\s+(?:số|đơn|tờ khai|phiếu|biểu))?\s*:?\s*[“\"(]?\s*"
    r"(?P<code>(?=[A-ZĐ\d./-]*\d)[A-ZĐ\d][A-ZĐa-zđ\d]{0,6}(?:[./-][A-ZĐ\d][\wĐđ]{0,9}){0,5})(?![\wÀ-ỹ])"
)
_ALONE = re.compile(r"^(?:[-–+*]\s*)?(?:Tờ khai|Đơn|Phiếu|Giấy)[^.;]{0,160}?\((?P<code>(?=[A-ZĐ\d./-]*\d)[A-ZĐ\d]{1,6}(?:[./-][A-ZĐ\d]{1,9}){0,3})\)")
# "theo mẫu (03 bản)": how many, not which form; "Mẫu 02 bản khai nhân sự" is a form
_HOW_MANY = re.compile(r"\s*(?:\([^)\d]{1,15}\)\s*)?(?:bản|bộ|tờ)\b(?!\s+(?:khai|trình|kê|cam kết|hồ sơ))")
_LEGAL = re.compile(r"\d+/\d{4}/|/(?:NĐ|TT|QĐ|NQ|QH)")

_PAPER = re.compile(
    r"^(?:\(?\d{1,2}[).]\s*|[a-zđ]\d?[).]\s*|\([a-zđivx\d]{1,4}\)\s*)?(?:bản (?:chính|sao|gốc|chụp|photo)|0?\d+\s+(?:bản|ảnh|bộ|tờ|chiếc|cuốn)|giấy|đơn|tờ khai|văn bản|"
    r"phiếu|biên bản|hợp đồng|quyết định|công văn|hộ chiếu|chứng minh|căn cước|thẻ|sổ|ảnh|báo cáo|danh sách|lý lịch|bản|hồ sơ (?:đề nghị|thiết kế|kỹ thuật|pháp lý|"
    r"năng lực|gồm)|tài liệu|chứng từ|chứng chỉ|bằng|giấy phép|thông báo|phương án|đề án|dự án|kế hoạch|danh mục|bảng|sơ đồ|quy chế|điều lệ|nghị quyết|hóa đơn|thuyết minh|"
    r"tờ trình|mẫu|vận đơn|trích lục|hình ảnh|dự thảo|quy trình|kết quả|bộ|catalo|chương trình|xác nhận|sơ yếu|đĩa|file|tệp|minh chứng|cam kết|hiện vật|chứng thư|"
    r"di chúc|bìa|nhãn|mã|công hàm|lệnh|khai báo|thư|02|03|04|các (?:giấy tờ|tài liệu|văn bản|chứng từ|loại|bản))\b",
    re.I,
)
_NOTE = re.compile(
    r"^(?:[a-zđ0-9]\)\s*)?(?:lưu ý|ghi chú|chú ý|(?:số lượng|sl)(?: hồ sơ)?\s*:|số bộ|thành phần hồ sơ\s*:?$|người có thẩm quyền|người (?:ủy|uỷ|được ủy|được uỷ) quyền|không quy định|không có\.?$|cách thức|hồ sơ nộp|"
    r"đối với (?:hồ sơ|trường hợp)[^.;]{10,}(?:các|những) (?:văn bản|giấy tờ|tài liệu)(?: dưới đây| như)? sau\s*:?$|thời hạn|nơi nộp|\(\*+\)|\*+\s*(?:lưu ý|ghi chú))",
    re.I,
)
_CASE = re.compile(r"^(?:trường hợp|đối với|nếu|trong trường hợp|khi|riêng)", re.I)
# "Đối với tàu cá: Bản trích sao ...": the case, then the paper itself
_CASE_THEN_PAPER = re.compile(r"^[^:]{6,160}:\s*(?:[-+*]\s*)?(?P<paper>\S.*)$", re.S)
# "Người có quốc tịch khác nộp bản sao chứng thực giấy khai sinh": a named paper, though the cell counts nought
_NAMED_PAPER = re.compile(
    r"^(?:[a-zđ\d][).]\s*)?(?:(?:người|công dân|cá nhân|tổ chức|trẻ em|doanh nghiệp)\b[^,.;:]{0,80}\s)?(?:nộp|xuất trình|kèm theo)\s+(?:thêm\s+)?(?:0?1\s+|một\s+)?bản (?:sao|chính|chụp|gốc)\b[^.;]{0,90}?"
    r"\b(?:giấy (?!tờ (?:trên|nêu|quy định|gốc|này|đó)|phép lái xe hoặc)|hộ chiếu|căn cước|quyết định|hợp đồng|bằng |chứng chỉ|văn bản|trích lục|hóa đơn|sổ )", re.I
)
# how to hand in, not what: the row tells a person who files in this way something about papers listed elsewhere
_WAY_OF_FILING = re.compile(
    r"^(?:trường hợp|đối với|nếu|khi|riêng)\s+(?:[^,:;.]{0,40}\s)?(?:(?:nộp|gửi|thực hiện|đăng ký|làm)\s+(?:thủ tục\s+|hồ sơ\s+|bằng\s+|theo\s+|qua\s+|hình thức\s+|phương thức\s+|cách thức\s+)*|hồ sơ (?:nộp\s+|gửi\s+)?)"
    r"(?:trực tuyến|trực tiếp|qua (?:mạng|môi trường|dịch vụ|hệ thống|cổng|đường)|bưu|trên (?:môi trường|cổng)|điện tử)", re.I
)
_ELSEWHERE = re.compile(r"trực tuyến|điện tử|bưu chính|đối chiếu\)?[.;]?$|tải lên|đính kèm|quét", re.I)
_HANDS_IN = re.compile(r"(?:nộp|xuất trình|gửi|kèm|bổ sung|cung cấp|phải có|cần có|có thêm|bao gồm|gồm|giấy|văn bản|bản sao|tờ khai|đơn)", re.I)
_NOT_NEEDED = re.compile(r"không (?:phải|cần|yêu cầu|bắt buộc|thuộc diện)(?: phải)? (?:nộp|xuất trình|tải lên|công chứng|cung cấp|có|gửi)|có trách nhiệm", re.I)


def _is_border(text: str, match: re.Match) -> bool:
    """A count cell, not words of a name: glued on the left, and the next row, a title, or nothing on the right."""
    before = text[match.start() - 1 : match.start()]
    after = text[match.end() : match.end() + 3]
    if match["copies"] and before and not before.isspace():
        return True  # "...1 bản chính,1 bản sao" glued to the name is a cell whatever follows
    if after and (after[0] in " ,;.:)]/”\"" or (after[0] == "\n" and not before)):
        # "nộp 01 bản chính để ..." is a name; "...luật 1 bản chính Giấy ..." with a space on both sides too
        return after[0] in " \n" and bool(before) and not before.isspace() and after[1:2] in "-+*(•" and len(match["run"] or "1") == 1
    if before.isspace() and re.match(r"\d\s?bản", after or " "):
        return False  # "... gồm 1 bản chính1 bản chính": the first is the end of the name
    follow = _COUNT.match(text, match.end())
    if follow and follow.start() == match.end() and before and (before.isspace() or (match["run"] or "").startswith("0")):
        return False
    return not (before.isspace() and after[:1].islower())


def parse_dossier(text: str | None) -> tuple[list[DossierItem], list[Flag]]:
    """Rows in the portal's own order. No text is lost: what is not a row becomes a note row."""
    text = normalise(text)
    flags: list[Flag] = []
    if says_nothing(text) or not text.strip("- "):
        return [], flags
    if HEADER not in text:
        flags.append(Flag("dossier-no-table", "dossier", short(text)))
        return [DossierItem(name=one_line(text), is_note=True)], flags
    blocks = text.split(HEADER)
    title = _title(blocks[0])
    items: list[DossierItem] = []
    for number, block in enumerate(blocks[1:], start=1):
        start = 0
        for match in _COUNT.finditer(block):
            if not _is_border(block, match):
                continue
            run = match["run"] or "0"
            name_end, originals = _cut_count(block, match, run, flags)
            copies = match["only"] or match["copies"]
            items.append(_item(block[start:name_end], originals, int(copies) if copies else None, title, flags))
            start = match.end()
        rest = block[start:].strip()
        if number < len(blocks) - 1:
            title = _title(rest)
        elif rest.strip("- \n"):
            flags.append(Flag("dossier-tail", "dossier", short(rest)))
            items.append(DossierItem(name=one_line(strip_bullet(rest)), group=title, is_note=True))
    if len(blocks) > 2:
        flags.append(Flag("several-dossiers", "dossier", str(len(blocks) - 1)))
    unnamed = sum(not item.name for item in items)
    if unnamed:
        flags.append(Flag("row-without-name", "dossier", str(unnamed)))
    return [item for item in items if item.name], flags


def _title(text: str) -> str | None:
    return one_line(text.strip().strip("-*").strip()).rstrip(":").strip() or None


def _cut_count(block: str, match: re.Match, run: str, flags: list[Flag]) -> tuple[int, int]:
    """(where the name ends, originals). One digit belongs to the count, the rest of the run to the name."""
    if match["only"]:
        return match.start(), 0
    if len(run) == 1:
        return match.start(), int(run)
    before = block[match.start() - 1 : match.start()]
    if len(run) == 2 and run[0] == "0" and not before.isdigit() and before not in "./-":
        return match.start(), int(run)
    if len(run) == 2 and run[0] != "0" and (before.isalpha() or before in ");”\""):
        flags.append(Flag("count-over-9", "dossier", short(block[max(0, match.start() - 60) : match.end()])))
        return match.start(), int(run)
    flags.append(Flag("count-glued", "dossier", short(block[max(0, match.start() - 60) : match.end()])))
    return match.start() + len(run) - 1, int(run[-1])


def _item(cell: str, originals: int, copies: int | None, group: str | None, flags: list[Flag]) -> DossierItem:
    name, files, sure = split_form(cell.strip())
    if files and not sure:
        flags.append(Flag("form-border-unclear", "dossier", short(cell)))
    code = form_code(name)
    item = DossierItem(
        name=one_line(strip_bullet(name)) or one_line(" ".join(files)), originals=originals, copies=copies,
        form=code or ("; ".join(files) or None), group=group,
    )  # fmt: skip
    mark_note(item, flags)
    return item


def mark_note(item: DossierItem, flags: list[Flag]) -> None:
    """Tell an instruction from a paper. A count of nought alone is not enough; a real paper with nought is flagged."""
    name = item.name
    nothing = not item.originals and not item.copies
    case = bool(_CASE.match(name))
    after_case = _CASE_THEN_PAPER.match(name) if case else None
    paper_of_case = after_case is not None and bool(_PAPER.match(after_case["paper"]))
    spared = bool(_NOT_NEEDED.search(name))
    paper = bool(_PAPER.match(name)) or (bool(_NAMED_PAPER.match(name)) and not _ELSEWHERE.search(name))
    if _NOTE.match(name):
        item.is_note = True
    elif nothing and paper and not spared and not name.endswith(":"):
        flags.append(Flag("paper-with-zero-count", "dossier", short(name)))
    elif nothing:
        item.is_note = True
    elif case and not (paper_of_case and not spared):
        must = re.search(r"(?:thì (?:phải )?|phải )(?:nộp|xuất trình|gửi|có|kèm)", name)
        item.is_note = not _HANDS_IN.search(name) or (spared and not must) or bool(_WAY_OF_FILING.match(name))
    if item.is_note and not nothing:
        flags.append(Flag("note-with-count", "dossier", short(name)))
    said = re.search(r"^(?:[-+*]\s*)?bản sao\b(?!.{0,60}(?:bản chính|hoặc))", name, re.I)
    if said and item.originals and not item.copies:
        flags.append(Flag("count-contradicts-name", "dossier", short(name)))


def split_form(cell: str) -> tuple[str, list[str], bool]:
    """("name", ["file.docx", ...], sure). The form cell is glued to the name: find its border from the right."""
    ends = [match.end() for match in _FILES.finditer(cell)]
    if not ends or ends[-1] < len(cell.rstrip()):
        return cell, [], True
    # files follow each other without a gap; the first of them starts at the border with the name
    first_end = ends[0]
    for index in range(len(ends) - 1, 0, -1):
        between = cell[ends[index - 1] : ends[index]]
        if len(between) > 160 or re.match(r"[\s;.,)]", between):
            first_end = ends[index]
            break
    start, sure = _form_start(cell[:first_end])
    name, files = cell[:start], []
    position = start
    for end in ends:
        if end > start:
            files.append(one_line(cell[position:end]))
            position = end
    return name, files, sure


_WORD = r"(?:Mau|Mẫu|MẪU|MAU|Phu|Phụ|PHỤ|PHU|Don|Đơn|To |Tờ|Mu|Mus|Bieu|Biểu|Giay|Van|PL|BM|BC|Ph)"
_STRONG = re.compile(
    # a capital glued to a small letter; a code glued to it; a digit glued to it
    rf"(?<=[{LOWER}])(?=[{UPPER}])|(?<=[{LOWER}])(?=\d)"
    # a closing mark, then no space
    rf"|(?<=[;:)”\"\]])(?=[{UPPER}{LOWER}\d])|(?<=[{LOWER})]\.)(?=[{UPPER}{LOWER}\d])"
    # "...NĐ-CPMau 38", "...năm 2026Mẫu 05", "TT-NHNN.PL II"
    rf"|(?<=[{UPPER}\d.])(?={_WORD})|(?<=CP)(?=[m]ẫu)"
)
_NAMED_FORM = re.compile(r"(?:^|(?<=[\s.;,)]))(?:M[ẫa]u|MẪU|MAU|Ph[ụu] l[ụu]c|PHỤ LỤC|PL)\b[^;.]{0,40}$", re.I)


def _form_start(text: str) -> tuple[int, bool]:
    """Where the first file name starts in `text`, which ends with its extension; and whether the border is clear."""
    stem = len(text) - len(re.search(rf"{_FILE}$", text).group())
    low = max(0, stem - 150)
    borders = [match.start() for match in _STRONG.finditer(text, 0, stem) if match.start() > low and not _inside_word(text, match.start())]
    # "...01/01/2026;Mau 3. Don khai.docx": what stands after the border has no sentence of its own
    borders = [border for border in borders if not re.search(r"[;,]\s", text[border:stem])] or borders[-1:]
    if borders:
        return borders[0], len(borders) == 1 or bool(re.match(_WORD, text[borders[0] :]))
    spaced = [match.start() for match in _NAMED_FORM.finditer(text[:stem])]
    if spaced:
        return spaced[-1], False
    if len(text) <= 60 and not re.search(r"[.;,]\s", text):
        return 0, True  # the cell is nothing but the file
    last = text.split()[-1]
    number = re.match(r"\d+/\d{4}/[A-ZĐ-]+[.;]?", last)  # "... Thông tư số 39/2025/TT-XX.Phluc.docx"
    return len(text) - len(last) + (number.end() if number else 0), False


_MIXED = re.compile(r"VNeID|eID|HOCHIMINH|TTg|ThS|GCN|QSDĐ|km\d|m[23]\b|CO2|pH|iOS")


def _inside_word(text: str, at: int) -> bool:
    """True inside words that mix capitals and small letters by themselves ("VNeID", "QĐ-TTg", "m3")."""
    return any(match.start() < at < match.end() for match in _MIXED.finditer(text, max(0, at - 10), at + 10))


def form_code(name: str) -> str | None:
    """The code of the form that a name says ("CT01", "Mẫu số 05"); several are joined with ", "."""
    codes: dict[str, None] = {}
    for match in _FORM.finditer(name):
        code = match["code"].rstrip("./-")
        if _LEGAL.search(match["code"]) or re.match(r"/\d{4}/", name[match.end() : match.end() + 6]) or re.fullmatch(r"\d{4,}", code):
            continue
        if code.isdigit() and not re.search(r"số\s*:?\s*$", name[match.start() : match.start("code")]) and _HOW_MANY.match(name, match.end()):
            continue
        codes.setdefault(f"Mẫu số {code}" if re.fullmatch(r"\d{1,3}[a-zđA-ZĐ]{0,2}(?:\.\d{1,2})*", code) else code)
    if not codes:
        alone = _ALONE.match(name)
        if alone and not _LEGAL.search(alone["code"]):
            codes.setdefault(alone["code"])
    return ", ".join(list(codes)[:3]) or None


def find_sets(*texts: str | None) -> str | None:
    """"01 bộ", as one of the texts says it: "Số lượng hồ sơ: 01 bộ", else "... gửi 01 bộ hồ sơ đến ..." if all such words agree."""
    for text in texts:
        match = _SETS.search(text or "")
        if match:
            return one_line(match["sets"] or match["made"])
    said = [words for text in texts for words in _sets_handed_in(text or "")]
    numbers = {int(re.match(r"\d+", words).group()) for words in said}
    return one_line(said[0]) if len(numbers) == 1 else None


def _sets_handed_in(text: str) -> Iterator[str]:
    """"01 bộ hồ sơ" where the applicant hands it in: not what offices send each other, give back or file away."""
    for match in _SETS_IN_PASSING.finditer(text):
        clause = re.split(r"[.;:\n]\s", text[max(0, match.start() - 300) : match.start()])[-1]
        verbs = list(_HANDS_OVER.finditer(clause))
        if verbs and verbs[-1]["filed"] and not _OFFICE_FIRST.match(clause) and not _PART_OF_SETS.search(clause):
            yield match["sets"] or match["held"]
