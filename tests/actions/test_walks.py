"""Random walks through the flows by actions alone (fast; tests/bot/test_random_walks.py walks through the whole assistant)."""

import pytest
from playing import Play
from walking import check, starts, walk

# What NLU would make of the free messages of a walk.
INTENTS = {
    "lệ phí bao nhiêu": "ask_fee", "mấy ngày thì xong": "ask_time", "nộp ở đâu": "ask_where", "cần giấy tờ gì": "ask_dossier", "mẫu đơn nào": "ask_form",
    "nộp qua mạng được không": "ask_online", "lay nguon o dau": "ask_source", "xem thêm": "more", "đọc đầy đủ": "more", "cảm ơn bạn": "thank", "bot dở quá": "complain",
    "gặp cán bộ": "human", "chưa đúng": "feedback_bad", "báo dòng này sai": "report_line", "thời tiết hôm nay": "out_of_scope", "bạn là ai": "bot_challenge",
    "quay lại cái lúc nãy": "back", "so sánh hai cái đó": "compare", "lập danh sách giấy tờ cho tôi": "checklist", "kiểm tra trước khi nộp giúp": "check_before",
    "hướng dẫn nộp từng bước": "guide_filing", "mới sinh con cần làm những thủ tục gì": "life_event", "nhà có người mất phải làm gì": "life_event",
    "tin chuyển tiếp": "forward", "các thủ tục lĩnh vực hộ tịch": "list_field", "tiếp": "more", "xong rồi ạ": "guide_next", "bước tiếp theo": "guide_next",
    "quay lại bước trước": "guide_back", "nhắc lại": "guide_repeat", "bước 3": "guide_step", "em bị kẹt ở đây": "stuck", "otp không về": "stuck", "dừng lại": "flow_stop",
    "thôi để sau": "flow_stop", "không biết": "flow_unknown", "ok": "ack", "có": "affirm", "đúng rồi": "affirm", "không": "deny", "1": "choose", "2": "choose", "số 3": "choose",
    "cái đầu tiên": "choose", "9": "choose", "1.004194": "ask_overview", "không phải, ý tôi là đăng ký thường trú": "correct",
}  # fmt: skip


class Actions(Play):
    def turn(self, text):
        return self.tap(text) if text.startswith("/") else self.say(text, INTENTS.get(text, "not_found"))


@pytest.mark.parametrize("block", range(4))
def test_walks_end_well(database, block):
    first = starts()
    for number in range(block * 30, block * 30 + 30):
        walk(number, Actions(f"web:walk{number}"), first, check)
