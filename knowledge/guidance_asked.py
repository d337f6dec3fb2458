"""What kind of thing does a question to the guidance documents ask for, and what would state it?

A passage that speaks of the subject answers only when it states that very thing: an amount where money is asked, a
province where one is asked, a number of the thing counted, what was reached and not what is planned. A figure that the
question itself gives ("trong 3078 hệ thống ...") answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.search.analysis import fold, words
from knowledge.search.guidance_query import Question, province_names, read_question
from knowledge.word_list import two_syllables

LONG = 16  # words from which on a question may tell a story before it asks
WORDS_ONLY = re.compile(r"[^\W_]+(?:[./-][^\W_]+)*|%")
CLAUSE = re.compile(r"[,;.?!]\s+|\s-\s")


def _either(pattern: str, loose: str | None = None) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """An expression over text with its marks, and the same (or `loose`) over text without."""
    return re.compile(pattern), re.compile(fold(pattern) if loose is None else loose)


_MONEY_UNIT = r"(?:tiền|tỷ|tỉ|triệu|nghìn|ngàn|đồng|vnd)"
_PRICED = (
    r"(?:giá|cước|chi phí|kinh phí|lệ phí|mức lương|lương|tiền thưởng|mức thưởng|được thưởng|trợ cấp|tiền phạt|xử phạt|bị phạt|mức phạt|phí|phạt|rót|hỗ trợ tối đa"
    r"|thù lao|phụ cấp|hoa hồng|lãi suất|vay vốn|tốn|mất phí|hạn mức|định mức|thu phí|doanh thu|tiền xăng)"
)
_AMOUNT_ENDS = r"(?= (?:một|mỗi|cho|trên|thì|vậy|hả|ạ|từ|trong|ở|với|rồi|ad|1)\b|$)"
_REGIONS = re.compile(rf"\b(?:{'|'.join(' '.join(WORDS_ONLY.findall(name)) for name in province_names())})\b")
_MANY = r"(?:bao nhiêu|mấy)"
_SPAN_UNIT = r"(?:ngày|tháng|năm|tuần|buổi|bữa|tiếng|phút|tiết)"
# Kind of value asked for -> (how questions ask for it, what states it in folded text). An empty expression states nothing.
KINDS: dict[str, tuple[tuple[re.Pattern[str], re.Pattern[str]], re.Pattern[str]]] = {
    "money": (
        _either(rf"\b{_MANY} (?:trăm |chục |mươi )?{_MONEY_UNIT}\b|\b{_PRICED}\b(?: [\w]+){{0,10}} (?:bao nhiêu|mấy|theo mức nào){_AMOUNT_ENDS}|\b{_MANY} {_PRICED}\b|\bmức (?:phạt|lương|thưởng|chi)\b"),
        re.compile(r"\d (?:ty|ti|trieu|nghin|ngan)?\s?(?:dong|vnd)\b|\d (?:ty|ti|trieu)\b|mien phi|khong thu phi"),
    ),
    "percent": (_either(rf"{_MANY} ?(?:mươi )?(?:%|phần trăm)|phần trăm|\btỷ lệ\b|\btỉ lệ\b|\bti le\b|(?:chỉ tiêu|mục tiêu|tỷ trọng|tỉ trọng).*bao nhiêu"), re.compile(r"\d ?%|phan tram")),
    "date": (_either(r"\b(?:bao giờ|ngày nào|ngày mấy|thứ mấy trong tuần|tháng nào|tháng mấy|tuần mấy|năm nào|quý nào|quý mấy|tuần nào|hôm nào|lúc nào|trước ngày|ngày bao nhiêu)\b"), re.compile(r"\b(?:ngay|thang|quy|tuan|nam) (?:\d|[iv]+\b)|\d/\d|\b(?:nam|thang|ngay) *$")),
    "hour": (_either(r"\bmấy giờ\b|\bgiờ nào\b"), re.compile(r"\b\d{1,2} ?(?:gio|h)\b|\b\d{1,2}[:h]\d\d\b|\b\d\d?/7\b")),
    "duration": (
        _either(rf"\bbao lâu\b|\b{_MANY} {_SPAN_UNIT} (?:một|1) lần\b"),
        re.compile(r"\b\d+ (?:ngay|thang|nam|tuan|buoi|gio|phut)\b|\bdinh (?:ki|ky)\b|\b(?:hang|moi|mot) (?:ngay|thang|nam|quy|tuan)\b|\b(?:ngay|thang|quy|tuan) \d|20\d\d ?[-–] ?20\d\d"),
    ),
    "span": (
        _either(rf"(?<!\btháng )(?<!\bngày )(?<!\bnăm )\b{_MANY} {_SPAN_UNIT}\b(?! \d| (?:một|1) lần)"),
        re.compile(r"\b(?:\d+|mot|hai|ba) (?:ngay|thang|nam|tuan|buoi|gio|tieng|phut|tiet)\b(?! 20\d\d)"),
    ),
    "phone": (_either(r"\b(?:số điện thoại|sđt|hotline|số tổng đài|gọi tổng đài|tổng đài (?:nào|số)|số di động|gọi số|số máy|bấm số)\b", r"\b(?:so dien thoai|sdt|hotline|so tong dai|goi tong dai|tong dai (?:nao|so)|so di dong|goi so|bam so)\b"), re.compile(r"\d{3,4}[. ]?\d{3}[. ]?\d{3}")),
    "mail": (_either(r"\b(?:email|e-mail|thư điện tử|mail)\b"), re.compile(r"\w@\w")),
    "link": (_either(r"\b(?:link|website|trang web|web|trang|đường dẫn|địa chỉ truy cập|fanpage|địa chỉ trang)(?: (?!có\b)\w+){0,2} (?:nào|gì|đâu|chi|mô)\b|\btải ở đâu\b|\b(?:xin|cho) (?:\w+ )?(?:link|đường dẫn)\b"), re.compile(r"https?|\w\.(?:vn|com|me)\b")),
    "address": (_either(r"\b(?:địa chỉ(?! số)|trụ sở|truy cập)(?: \w+){0,5} (?:nào|gì|đâu)\b|\b(?:đọc|xem|vào|truy cập|tải) (?:ở |vào )?đâu\b"), re.compile(r"https?|\w\.vn\b|\b(?:so|tang|nha) \d+\b")),
    "docnumber": (_either(r"\b(?:mang )?số (?:quyết định|văn bản|công văn|hiệu) (?:nào|mấy|bao nhiêu|gì)\b|\b(?:quyết định|văn bản|công văn|nghị định|thông tư) số (?:nào|mấy|bao nhiêu)\b"), re.compile(r"\d+ ?[-/] ?(?:20\d\d/)?[a-z]{2}")),
    "who": (_either(r"\b(?:do|của|hỏi|gặp|liên hệ) ai\b|\bai (?!phải\b)\w+|\b(?:người|thành viên|ủy viên|lãnh đạo|cơ quan|đơn vị|bộ|sở|cục|vụ|trung tâm|bộ trưởng) nào\b|\blà (?:những )?ai$"), re.compile(r"\b(?:bo|cuc|vu|so|vien|trung tam|uy ban|ubnd|ban|to|chu tich|thu truong|bo truong|thu tuong|cong ty|tap doan|doan|hoi|toa|dai|nguoi|don vi|co quan|ong|ba)\b")),
    "where": (_either(r"\bở (?:đâu|huyện nào|xã nào|phố nào|đường nào|khu nào|hội trường nào)\b|(?<!khác )(?<!nhau )(?<!nhau ở )(?<!khác ở )\bchỗ nào\b|\bhội trường nào\b|\bnơi nào\b"), re.compile(r"https?|\.vn\b|\b(?:tinh|thanh pho|tp|huyen)\b|\b(?:o|tren|tai) \w")),
    "commune": (_either(r"\b(?:huyện|quận|xã|phường|thôn|phố|đường|khu|hội trường) nào\b", r"\b(?:huyen|(?<!co )quan|xa|phuong|thon|pho|duong|khu|hoi truong) nao\b"), re.compile(r"\b(?:huyen|quan|xa|phuong|thon|pho|duong|khu|hoi truong) (?!va\b|theo\b|de\b|co\b|la\b|hoi\b)[a-z]+\b(?=[^.]*\btinh\b)")),
    "rank": (_either(r"\b(?:hạng|thứ|lớp|mức|bậc|cấp|cấp độ|mức độ) (?:mấy|bao nhiêu)\b"), re.compile(r"\b(?:thu|hang|lop|muc|bac|cap|cap do|muc do|vi tri) \d|\d+/\d+")),
    "best": (_either(r"\b(?:đứng đầu|đứng nhất|đứng cuối|cao nhất|thấp nhất|nhiều nhất|ít nhất tỉnh|đầu bảng|tốt nhất|kém nhất|đầu tiên|tiên phong)\b"), re.compile(r"\b(?:dung dau|dung thu|nhat|dau tien|tien phong|dan dau)\b")),
    "region": (_either(r"\b(?:tỉnh|thành phố|địa phương|tỉnh thành) (?:nào|mô)\b"), _REGIONS),
    "firm": (_either(r"(?<!\bloại )\b(?:công ty|doanh nghiệp|hãng|ngân hàng|nhà cung cấp|nhà thầu|tập đoàn) nào\b"), re.compile(r"\b(?:cong ty|tap doan|tong cong ty|vnpost|viettel|vnpt|vtc|fpt|mobifone|voso|postmart)\b")),
}  # fmt: skip
# Ways of asking that no expression settles; they only shift the odds.
MANNERS = {
    "mine": _either(r"\b(?:của tôi|của mình|tỉnh tôi|xã tôi|phường tôi|huyện tôi|(?:tỉnh|xã|phường|huyện) (?:mình|tui)|nhà tôi|chỗ tôi|cho tôi số)\b"),
    "form": _either(r"\b(?:mẫu đơn|mẫu giấy|biểu mẫu|nộp đơn|xin mẫu|mẫu quyết định|mẫu nào|tải mẫu)\b"),
    "how": _either(r"\b(?:làm sao|cách nào|bằng cách|các bước|như thế nào|thế nào|ra sao|kiểu gì|bấm vào)\b"),
    "whether": _either(r"\bcó(?: [\w%]+){1,9} (?:không|ko)\b|\bđúng không\b|\bphải không\b|\bhay không\b"),
}
OPEN = _either(r"\b(?:là|làm|nói|gồm|có|những|định|dẫn|cầu|lợi|bàn|việc|điều|chuyện|cái|nội dung) (?:gì|chi|sao)\b|\b(?:thế nào|ra sao|làm sao|vì sao|tại sao|nghĩa là)\b")
TITLED = re.compile(r"[A-ZĐÀ-Ỹ]\w*(?: [A-ZĐÀ-Ỹ]\w*)+")
NAMED = _either(r"\btên (?:là )?(?:gì|chi)\b|\bhọ tên (?:là|của|gì|ai)\b|\btên ai\b|\bmang tên\b|\blà (?:những )?(?:công ty|doanh nghiệp|trường|người) (?:nào|gì)\b|\b(?:công ty|doanh nghiệp|trường|nhà cung cấp) nào\b|\bai (?:thay|là (?:người (?:đứng đầu|ký|đại diện)|tổ trưởng|trưởng|phó|chủ tịch|chủ nhiệm|thủ tướng|thứ trưởng|bộ trưởng|cục trưởng|vụ trưởng|giám đốc|hiệu trưởng))\b")
# ... and of those the name of a person.
PERSON_NAMED = _either(
    r"\bhọ tên (?:là|của|gì|ai)\b|\btên ai\b|\bai (?:thay|là)\b|\b(?:ông|bà|người|bộ trưởng|thứ trưởng|thủ tướng|chủ tịch|tổ trưởng|cục trưởng|vụ trưởng|trưởng|giám đốc|lãnh đạo|cán bộ|ủy viên|thành viên)\b.*\b(?:tên (?:là )?(?:gì|chi)|mang tên)\b"
)
PERSON_NAME = re.compile(
    r"\b(?:Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Đinh|Đào|Đoàn|Trịnh|Trương|Lương|Mai|Cao|Tạ|Hà|Lý|Chu|Thái|Tô|Tống|Lâm)(?: [A-ZĐÀ-Ỹ]\w+){1,3}"
)
# What was reached, not what is planned.
_REACHED = _either(
    r"\b(?:hiện nay|hiện tại|hiện có|hiện gồm|hiện đang|đang có|thực tế|đạt được|tính đến|tới nay|đến nay|kết quả)\b|\bđã\b|\brồi(?: ạ| vậy| r)?$",
    r"\b(?:hien nay|hien tai|hien co|hien gom|dang co|thuc te|dat duoc|tinh den|toi nay|den nay|ket qua)\b|\bda (?:co|dat|lap|cap|duoc|nhan|thu|mua|ban)\b",
)
_QUANTITY = _either(rf"\b{_MANY}\b", r"\bbao nhieu\b|\bmay (?!chu|tinh)\w+")
REACHED_TOLD = re.compile(r"\b(?:da|hien co|hien nay|dat duoc|ket qua|tinh den|den nay|cuoi nam|xep|dung thu|co khoang|co hon)\b")
VALUES = ("money", "percent", "date", "hour", "duration", "span", "phone", "mail", "rank", "docnumber")  # these stand in one sentence with what they are of
_NOT_COUNTED = r"(?:cái|phần|trăm|tiền|tỷ|tỉ|triệu|nghìn|đồng|ngày|tháng|năm|tuần|giờ|phút|tiếng|buổi|bữa|là|về|của|trong|một|mỗi|cho|thì|vậy|hả|ạ|rồi|chú|anh|chị|em|cô|bác|ông|bà|mươi|chục|lần|và|hay|hoặc|ở|từ|đến|theo|nữa|nhỉ|ạ|z)\b"
# "tuần mấy", "nhiệm vụ số mấy" ask for a place in an order and count nothing.
_ORDERED = "".join(rf"(?<!\b{word} )" for word in ("số", "tuần", "tháng", "ngày", "năm", "quý", "thứ", "hạng", "bậc", "điều", "khoản", "điểm", "mục", "chương", "phần", "khóa"))
_COUNTED = _either(rf"{_ORDERED}\b{_MANY} (?!{_NOT_COUNTED}|%)([^\W\d_]+(?: [^\W\d_]+)?)")
_PERSON = _either(r"\b(?:ông|bà|anh|chị|thứ trưởng|bộ trưởng|thủ tướng|cục trưởng|vụ trưởng|giám đốc) ((?:nguyễn|trần|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương|đinh|đào|đoàn|trịnh|trương|lương|mai|cao|tạ) \w+(?: \w+)?)\b")
_OFFICE = _either(r"\b((?:cục|vụ|tổng cục|viện|học viện|hội|đoàn|công ty|tập đoàn|tòa án|ngân hàng|đài) (?!trưởng\b|nào\b|phó\b|viên\b|của\b|số\b|nghị\b|đồng\b|thảo\b|phí\b|họp\b)\w+ \w+)\b", r"\b((?:cuc|tong cuc|hoc vien|cong ti|tap doan|toa an) (?!truong\b|nao\b)\w+ \w+)\b")
_GIVEN = re.compile(r"\d+(?:[.,/]\d+)*")
_OF_MANY = _either(r"\b(\d{1,4}) (?:\w+ ){1,14}?(?:là những|những \w+ nào|tên là gì|tên gì|tên là|gồm những)\b")
# "cấp độ 4", "tháng 9", "chỉ tiêu số 15": one of an order, which the answer must be about.
_ONE_OF = re.compile(r"\b(cap do|muc|thang|quy|tuan|pha|giai doan|chi tieu|giai phap|buoc|lop|nhom|tru cot|dot|lan|khoa|phien|nhiem ky)(?: do)?(?: so| thu)? (\d{1,3})\b(?![./%])")
_NAMED_DOCUMENT = re.compile(r"\b(?:quyet dinh|nghi dinh|thong tu|chi thi|nghi quyet|luat|van ban|cong van) (?:so )?(\d{1,4})\b(?:/(\d{4}))?")
_IN_NAMES = re.compile(r"(?:định hướng|tầm nhìn|dinh huong|tam nhin)(?: đến| den)?(?: năm| nam)? 20\d\d|\d/20\d\d")


@dataclass(frozen=True)
class Asked:
    """kinds and manners: names of KINDS and MANNERS. counted: folded nouns of "bao nhiêu ...". given: figures of the question
    itself, without leading zeros. person: asks the name of a person. reached: asks what was reached. ordinals: (noun, number) of "cấp độ 4". of_many: n of "8 tỉnh ... là những tỉnh nào"."""

    text: str
    loose: bool
    kinds: tuple[str, ...]
    manners: tuple[str, ...]
    counted: tuple[str, ...]
    given: frozenset[str]
    years: frozenset[int]
    reached: bool
    reached_years: frozenset[int]
    named: bool
    person: bool
    of_many: int
    persons: tuple[str, ...]
    offices: tuple[str, ...]
    ordinals: tuple[tuple[str, str], ...]
    unregistered: bool


@lru_cache(maxsize=256)
def well_accented(text: str) -> bool:
    """Do most words bear marks? Then one without them is meant so ("in", "trang"); else it may be any word."""
    letters = [word for word in words(text) if word.isalpha()]
    return bool(letters) and sum(word != fold(word) for word in letters) >= 0.55 * len(letters)


def read_asked(question: Question, whole: Question | None = None) -> Asked:
    """What the question asks for; `whole`: the message it is a part of, whose figures are given as well. Pure; about 0.3 ms."""
    whole = whole or question
    loose = not well_accented(question.text)
    n = int(loose)
    text = " ".join(WORDS_ONLY.findall(fold(question.text) if loose else question.text.lower()))
    words_of_two = two_syllables()[n]
    many = _OF_MANY[n].search(" ".join(WORDS_ONLY.findall(fold(whole.text) if loose else whole.text.lower())))
    named_in = {int(year) for found in _IN_NAMES.findall(question.text) for year in re.findall(r"20\d\d", found)}
    clauses = [" ".join(WORDS_ONLY.findall(fold(part) if loose else part.lower())) for part in CLAUSE.split(question.text)]
    kinds = tuple(name for name, (asks, _) in KINDS.items() if asks[n].search(text))
    if "percent" in kinds:  # "tỷ lệ kinh phí tối thiểu bao nhiêu" is no sum of money
        kinds = tuple(name for name in kinds if name != "money")
    reached = [clause for clause in clauses if _REACHED[n].search(clause)]
    counted = [fold(noun) if noun in words_of_two else fold(noun.split(" ")[0]) for clause in clauses for noun in _COUNTED[n].findall(clause)]
    return Asked(
        text, loose,
        kinds,
        tuple(name for name, asks in MANNERS.items() if asks[n].search(text)),
        tuple(counted),
        frozenset(figure.lstrip("0") for figure in _GIVEN.findall(whole.text)),
        frozenset(question.reference.years) - named_in,
        bool(reached and _QUANTITY[n].search(text)),
        frozenset(int(year) for clause in reached for year in re.findall(r"(?<![/\d])20\d\d", clause)),
        NAMED[n].search(text) is not None,
        PERSON_NAMED[n].search(text) is not None,
        int(many.group(1)) if many else 0,
        tuple(fold(" ".join(name.split(" ")[-2:])) for name in _PERSON[n].findall(text)),
        tuple(dict.fromkeys(fold(name) for name in _OFFICE[n].findall(text))),
        tuple(_ONE_OF.findall(" ".join(WORDS_ONLY.findall(fold(question.text))))),
        _unregistered(question),
    )  # fmt: skip


def states_value(question: Question, text: str) -> bool | None:
    """Does the text state a value of the kind asked for, that the question did not give? None where no value is asked."""
    asked = read_asked(asking_part(question), question)
    kinds = [KINDS[name][1] for name in asked.kinds if name in VALUES]
    if not kinds and not asked.counted:
        return None
    raw = unlike_given(fold(text), asked.given)
    plain = f" {' '.join(WORDS_ONLY.findall(raw))} "
    return all(holds.search(raw) for holds in kinds) and all(is_counted(noun, plain) for noun in asked.counted)


def _unregistered(question: Question) -> bool:
    """Is a document named by a number that is none of ours? Passages that only cite it do not tell what it says."""
    known = {number.split("/")[0].split("-")[0] for number in [*question.reference.documents, *question.reference.topics]}
    return any(number not in known for number, _ in _NAMED_DOCUMENT.findall(fold(question.text)))


def unlike_given(raw: str, given: frozenset[str]) -> str:
    """Folded text without the figures that the question already gave."""
    return _GIVEN.sub(lambda found: " " if found.group().lstrip("0") in given else found.group(), raw) if given else raw


_NUMERAL = r"(?:\d[\d.,/]*|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)"
# Counted by any of these words.
_ALIKE = (
    ("cach", "phuong thuc", "hinh thuc", "kieu"),
    ("nguoi", "thanh vien", "nhan su", "can bo", "hoc vien", "giang vien", "chuyen gia"),
)


def is_counted(noun: str, plain: str) -> bool:
    """'bao nhiêu tổ': a number before the noun or right after it, or a percentage of it. `plain`: words between spaces."""
    alike = next((nouns for nouns in _ALIKE if noun in nouns), (noun,))
    said = f"(?:{'|'.join(alike)})"
    return re.search(rf" {_NUMERAL} (?:\w+ ){{0,2}}{said} | {said} (?:la |gom |co |hon |tren |khoang |dat |tu |den |toi thieu |toi da )?\d| % (?:\w+ ){{0,4}}{said} ", plain) is not None


def asking_part(question: Question) -> Question:
    """The clauses that ask, of a long message that tells a story first; a short question whole."""
    if len(question.text.split()) < LONG:
        return question
    clauses = [clause for clause in CLAUSE.split(question.text) if clause.strip()]
    loose = int(not well_accented(question.text))
    asking = [clause for clause in clauses if _ASKING[loose].search(fold(clause) if loose else clause.lower())]
    if not asking or len(asking) == len(clauses) or sum(len(clause.split()) for clause in asking) < 5:
        return question
    part = read_question(", ".join(asking))
    part.reference = question.reference
    return part


_ASKING = _either(r"\b(?:gì|nào|ai|sao|đâu|mấy|bao nhiêu|bao lâu|bao giờ|thế nào|ra sao)\b|\b(?:không|ko|hả|chưa|chứ|nhỉ)[?!. ]*$")
# What asks, and on which side of it the thing asked for stands ("bao nhiêu đơn vị", "ai ký"; "đơn vị nào", "ký gì").
_ASKS_BEHIND = {"bao nhiêu": 2, "mấy": 1, "ai": 1, "vì sao": 2, "tại sao": 2, "làm sao": 2}
_ASKS_BEFORE = {"bao lâu": 2, "bao giờ": 2, "khi nào": 2, "thế nào": 2, "ra sao": 2, "gì": 1, "nào": 1, "đâu": 1, "sao": 1}
_POLAR_OPENS = ("có", "được", "phải", "đã", "cần", "nên")
_POLAR_ENDS = ("không", "chưa")
FOCUS_FADES = 0.7  # from word to word away from what asks


def focus_of(question: Question, places: list[int], typed: list[str]) -> list[float]:
    """For the words of a question at `places` (of `typed`): how much each is the thing asked for (1) rather than what it is
    asked about (towards 0).

    The words beside "bao nhiêu", "nào", "ai" ... count most, and less from word to word away from it inside the clause;
    of a yes-or-no question those between "có" and "không". All 0 where nothing asks.
    """
    loose = not well_accented(question.text)
    found = [0.0] * len(places)
    start = 0
    for clause in CLAUSE.split(question.text):
        size = len(words(clause))
        tokens = typed[start : start + size]
        tokens = [fold(word) for word in tokens] if loose else tokens
        inside = [n for n, place in enumerate(places) if start <= place < start + size]
        for at, end, behind in _asking_spans(tokens, loose):
            left = [n for n in inside if places[n] < start + at][::-1]
            right = [n for n in inside if places[n] >= start + end]
            for side, first in ((left, 1 if behind else 0), (right, 0 if behind else 1)):
                for far, n in enumerate(side, first):
                    found[n] = max(found[n], FOCUS_FADES**far)
        owner = next((at for at, word in enumerate(tokens) if word == ("cua" if loose else "của")), None)
        if owner is not None:  # "nhiệm kỳ của tổ trưởng là mấy năm" asks for the former
            for n in [n for n in inside if places[n] < start + owner][-2:]:
                found[n] = 1.0
        for at, end in _polar_spans(tokens, loose):
            for n in inside:
                if start + at < places[n] < start + end:
                    found[n] = 1.0
        start += size
    return found


def _asking_spans(tokens: list[str], loose: bool) -> Iterable[tuple[int, int, bool]]:
    for table, behind in ((_ASKS_BEHIND, True), (_ASKS_BEFORE, False)):
        for phrase, size in table.items():
            wanted = (fold(phrase) if loose else phrase).split(" ")
            for at in range(len(tokens) - size + 1):
                if tokens[at : at + size] == wanted:
                    yield at, at + size, behind


def _polar_spans(tokens: list[str], loose: bool) -> Iterable[tuple[int, int]]:
    opens, ends = ({fold(word) for word in some} if loose else set(some) for some in (_POLAR_OPENS, _POLAR_ENDS))
    for end in range(len(tokens) - 1, 0, -1):
        if tokens[end] in ends and end >= len(tokens) - 4:
            begin = next((at for at in range(end - 1, -1, -1) if tokens[at] in opens and end - at > 1), max(-1, end - 6))
            yield begin, end
            return


def is_one_of(noun: str, number: str, plain: str) -> bool:
    """'cấp độ 4': is that one of the order spoken of? Lists count their members without the noun: "(4)", "cấp độ 3, 4"."""
    bare = number.lstrip("0") or "0"
    return re.search(rf" {noun} (?:\S+ ){{0,4}}0?{bare}(?:[/.]\d+)? ", plain) is not None
