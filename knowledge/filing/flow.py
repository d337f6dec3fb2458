"""Does a message answer the running walk-through? Pure: text and flow in, a button's payload out.

The flow is the slot of actions/filing.py: {"name": "filing", "procedure": code or None, "step": 1.., "code": code to
resume or None, "away": True after something else was asked, "offered": [codes] while the procedure is not chosen}.
"""

from __future__ import annotations

import json
import re
from typing import Any

from knowledge.desk.codes import find_code
from knowledge.filing import find_trouble, walk
from knowledge.search.analysis import fold

_POLITE = r"(?:\s+(?:a|nha|nhe|di|nao|ban|ad|em|minh|voi|luon|roi|day|do|ha|hen|nhi|thoi|giup|gium|cho (?:toi|em|minh)))*"
_LEAD = r"(?:(?:da|vang|u|uh|ok|oke|okie|roi|em|toi|minh|tui)\s+)*"


def _whole(*ways: str) -> re.Pattern:
    return re.compile(rf"{_LEAD}(?:{'|'.join(ways)}){_POLITE}")


_NEXT = _whole(
    r"tiep(?: tuc)?(?: theo)?(?: buoc)?", r"(?:qua|sang|toi|den|xem|lam)?\s*(?:buoc|man hinh)\s+(?:tiep(?: theo)?|ke(?: tiep)?|sau|nua)", r"(?:da |lam |dien |chup |nop |gan |tai |thanh toan |dang nhap |chon |ki |gui |em |toi )*(?:xong|duoc|co)(?: buoc (?:nay|do|\d+))?(?: roi)?",
    r"(?:da |lam )*xong (?:het|ca|buoc nay|buoc do)", r"next", r"roi(?: gi nua| sao nua| lam gi(?: nua| tiep)?)?", r"xong (?:roi )?(?:lam gi|toi gi|bam gi|gi nua|sao nua|tiep sao).*", r"lam gi (?:tiep|nua)(?: theo)?", r"tiep theo (?:lam gi|la gi|sao)", r"bam gi (?:tiep|nua)", r"bo qua(?: buoc nay)?", r"khong (?:thu phi|mat phi|co phi|can ki)", r"ok+(?: roi)?|oke|okie|u|uh|uhm|vang|da|dung roi|co roi|dc roi|duoc roi|on roi",
)
_AGREE = _whole(r"ok+|oke|okie|u|uh|uhm|vang|da|dung roi|dung|co|muon|lam tiep(?: di)?|duoc|dong y")
_BACK = _whole(r"(?:quay |tro |lui )?(?:lai |ve )?(?:buoc|man hinh) (?:truoc|vua roi|luc nay)", r"lui(?: lai)?(?: mot| 1)?(?: buoc)?", r"quay lai", r"tro lai", r"back", r"quay lai (?:mot|1) buoc", r"(?:xem|lam) lai buoc truoc")
_REPEAT = _whole(r"(?:nhac|noi|lap|doc|nghe|xem|giai thich) lai(?: buoc nay| buoc do| lan nua| mot lan| ro hon)?", r"lai lan nua", r"(?:chua|khong) (?:ro|hieu|kip|nghe kip|nho)(?: lam| buoc nay)?", r"nhac lai", r"dang o buoc (?:nao|may)", r"buoc (?:nay|gi)(?: la gi| lam sao| the nao)?", r"(?:toi )?dang lam toi dau(?: roi)?", r"lap lai")
_STEP = re.compile(rf"{_LEAD}(?:(?:qua|sang|toi|den|xem|lam|quay lai|ve|nhay|chuyen|tiep)\s+)*(?:lai )?buoc (?:so |thu )?(\d{{1,2}}|mot|hai|ba|bon|tu|nam|sau|bay|tam|chin|muoi){_POLITE}")
_STOP = _whole(r"dung (?:lai|o day|day)", r"(?:thoi )?(?:de (?:sau|luc khac|mai)|mai|hom khac|luc khac)(?: lam)?(?: tiep)?", r"thoat", r"ket thuc", r"thoi(?: khong (?:lam|can) nua)?", r"khong lam nua", r"nghi(?: da)?", r"huy", r"stop", r"tam dung", r"lam sau")
_STUCK = _whole(r"(?:khong|chua)(?: duoc| xong| co| thay)?", r"(?:bi )?ket(?: roi| o day| o buoc nay| cho nay)?", r"(?:bi )?loi(?: roi)?", r"(?:lam |bam )?(?:khong|chua) (?:duoc|xong|qua duoc)(?: buoc nay)?", r"khong biet (?:lam|bam)(?: sao| gi| tiep| cho nao)?", r"kho qua", r"bi roi", r"bi", r"(?:em |toi )?bi ket.*")
_RESUME = re.compile(rf"{_LEAD}(?:(?:lam|nop|xem|noi|noi lai|nhap) )*(?:tiep|ma)\b")
_NUMBERS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10}
_PICK = re.compile(r"(?:(?:cai|so|thu|chon|muc|dong|y)\s+)*(\d|dau|mot|hai|ba|bon)(?:\s+(?:a|nha|nhe|di))?")


def _payload(intent: str, **values: Any) -> str:
    return f"/{intent}{json.dumps(values, ensure_ascii=False)}" if values else f"/{intent}"


def filing_accepts(text: str, flow: dict[str, Any]) -> str | None:
    """The payload that a message means to the walk-through; None when it is about something else.

    Whole messages only: "tiếp" goes on, "tiếp tục thời hạn tạm trú" is a question of its own.
    """
    said = re.sub(r"[^\w]+", " ", fold(text)).strip()
    if not said or len(said) > 160:
        return None
    if _RESUME.match(said) and (code := find_code(text)):
        return _payload("resume", code=code)
    if offered := flow.get("offered"):
        match = _PICK.fullmatch(said)
        number = match and (1 if match.group(1) == "dau" else _NUMBERS.get(match.group(1)) or int(match.group(1)))
        return _payload("guide_filing", procedure=offered[number - 1]) if number and number <= len(offered) else None
    if not flow.get("step"):
        return None
    if match := _STEP.fullmatch(said):
        word = match.group(1)
        return _payload("guide_step", step=int(word) if word.isdigit() else _NUMBERS[word])
    # Without marks "dung" is "dừng", "đúng" or "dùng".
    if _STOP.fullmatch(said) or re.fullmatch(r"(?:thôi\s+)?dừng\b.{0,12}", text.strip().lower()):
        return _payload("flow_stop")
    if flow.get("away") and _AGREE.fullmatch(said):
        return _payload("guide_repeat")  # yes to "go on with the guide?", not "this step is done"
    for pattern, intent in ((_REPEAT, "guide_repeat"), (_BACK, "guide_back"), (_STUCK, "stuck"), (_NEXT, "guide_next")):
        if pattern.fullmatch(said):
            return _payload(intent)
    if len(said.split()) <= 14 and not _QUESTION.search(said) and (trouble := find_trouble(text)):
        return _payload("stuck", trouble=trouble.id)
    return None


# A question about the procedure may speak of the same things ("chưa có kết quả thì lệ phí có trả lại không").
_QUESTION = re.compile(r"\b(?:le phi|bao nhieu|bao lau|may ngay|o dau|giay to gi|can gi|thoi han)\b")


def steps() -> int:
    """How many steps the walk-through has."""
    return len(walk().steps)
