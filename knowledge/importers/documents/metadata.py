"""Letter head and signature: number, date, subject, recipients, signer, read from the paragraphs around the body."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from knowledge.importers.documents.markers import capitals
from knowledge.importers.documents.paragraphs import Paragraph

NUMBER = r"\d{1,5}(?:/\d{4})?\s?[/-]\s?[A-ZĐ][A-ZĐa-z]*(?:\s?[/-]\s?[A-ZĐ0-9a-z]+)*"
NUMBER_LINE = re.compile(rf"\*{{0,2}}Số:\s*({NUMBER})\s*\*{{0,2}}")
DATE = re.compile(r"ngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})", re.IGNORECASE)
LETTERHEAD = re.compile(
    r"\W*(BỘ\b|BAN\b|ỦY BAN|UBND|SỞ\b|CHÍNH PHỦ|THỦ TƯỚNG|HỘI ĐỒNG|ĐẢNG CỘNG SẢN|CỘNG HÒA|CỘNG$|HÒA XÃ HỘI|THÔNG TIN VÀ|TRUYỀN THÔNG$|Độc lập|\|)"
)
_SIGN = re.compile(
    r"(KT\.|TM\.|T/M|TL\.|TUQ\.)(\s+\S.*)?|(KT\. |TM\. |T/M )?(BỘ TRƯỞNG|THỨ TRƯỞNG|THỦ TƯỚNG|PHÓ THỦ TƯỚNG|CHỦ TỊCH|PHÓ CHỦ TỊCH|BÍ THƯ|CỤC TRƯỞNG|GIÁM ĐỐC|CHÍNH PHỦ)"
)
_SIGNED = re.compile(r"\(?[Đđ]ã ký\)?:?\s*(.*)")
_NAME = re.compile(r"[A-ZĐÀ-Ỹ][a-zà-ỹđ]+(\s[A-ZĐÀ-Ỹ][a-zà-ỹđ]+){1,4}")


@dataclass
class Head:
    number: str | None = None
    date: dt.date | None = None
    subject: str | None = None
    recipients: str | None = None
    signer: str | None = None
    lines: list[tuple[int, str]] = field(default_factory=list)  # what was taken out of the running text

    def leave_out(self, paragraph: Paragraph, why: str) -> None:
        self.lines += [(line, why) for line in range(paragraph.line_from, paragraph.line_to + 1)]


def clean_number(number: str) -> str:
    """'16 - CV/BCSĐ' -> '16-CV/BCSĐ'."""
    return re.sub(r"\s*([/-])\s*", r"\1", number).strip()


def find_date(text: str) -> dt.date | None:
    found = DATE.search(text)
    if not found:
        return None
    try:
        return dt.date(int(found.group(3)), int(found.group(2)), int(found.group(1)))
    except ValueError:
        return None


def take_head(paragraphs: list[Paragraph]) -> tuple[Head, list[Paragraph]]:
    """Splits letter head, recipients and signature off; returns them and what remains as body."""
    head = Head()
    body: list[Paragraph] = []
    index = 0
    titled = False  # QUYẾT ĐỊNH, NGHỊ ĐỊNH ... was met: the next line is its title
    started = any(NUMBER_LINE.fullmatch(p.text) for p in paragraphs[:14])
    while started and index < min(len(paragraphs), 40):
        paragraph = paragraphs[index]
        text = paragraph.text
        number = NUMBER_LINE.fullmatch(text)
        if paragraph.rows or paragraph.level:
            break
        if number:
            head.number = clean_number(number.group(1))
        elif not head.date and DATE.search(text) and len(text) < 60 and not text.startswith(("Căn cứ", "Thực hiện")):
            head.date = find_date(text)
        elif text.startswith("V/v"):
            head.subject = re.sub(r"^V/v:?\s*", "", text)
        elif re.match(r"Kính gửi", text):
            to = [re.sub(r"^Kính gửi:?\s*", "", text)]
            while index + 1 < len(paragraphs) and paragraphs[index + 1].text.startswith("- "):
                index += 1
                head.leave_out(paragraphs[index], "nơi gửi")
                to.append(paragraphs[index].text[2:])
            head.recipients = " ".join(part for part in to if part)
            head.leave_out(paragraph, "nơi gửi")
            index += 1
            break
        elif capitals(text) and re.match(r"(QUYẾT ĐỊNH|NGHỊ ĐỊNH|CHỈ THỊ|THÔNG TƯ|NGHỊ QUYẾT)\W*$", text):
            titled = True
        elif LETTERHEAD.match(text):
            pass
        elif titled and not head.subject and len(text) < 300 and not re.match(r"(Căn cứ|Điều|Thời gian)|.*[.;]$", text):
            head.subject = re.sub(r"^Về việc\s+", "", text)  # the title below QUYẾT ĐỊNH
        else:
            break
        head.leave_out(paragraph, "đầu văn bản")
        index += 1
    rank = None
    for paragraph in paragraphs[index:]:
        text = paragraph.text
        signed = _SIGNED.fullmatch(text)
        if paragraph.rows or paragraph.level:
            rank = None
        elif _SIGN.fullmatch(text):
            if not text.startswith(("KT.", "TM.", "T/M", "TL.")):
                rank = text.capitalize().replace("thủ tướng", "Thủ tướng")
            head.leave_out(paragraph, "chữ ký")
            continue
        elif signed or (rank and _NAME.fullmatch(text) and len(text) < 40):
            name = signed.group(1) if signed else text
            if not head.signer and name:
                head.signer = f"{rank} {name}" if rank else name
            head.leave_out(paragraph, "chữ ký")
            rank = None
            continue
        elif re.fullmatch(r"(Trân trọng( cảm ơn)?|\(?Xin cảm ơn)[./!)]*|(QUYẾT ĐỊNH|NGHỊ ĐỊNH|CHỈ THỊ)\s*:?", text) or (
            capitals(text) and LETTERHEAD.match(text) and len(text) < 90 and not re.search(r"TRÁCH NHIỆM|[.;:]$", text)
        ):
            head.leave_out(paragraph, "dòng thể thức")
            continue
        elif re.match(r"\W?\((Kèm|Ban hành kèm|ban hành kèm) theo", text):
            head.leave_out(paragraph, "dòng kèm theo")
            continue
        body.append(paragraph)
    return head, body
