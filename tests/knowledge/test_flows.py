"""What a message says to an open question: numbers, yes and no, words with and without accents, control words, other questions."""

import pytest

from knowledge.flows import UNKNOWN, control_word, flow_accepts, matched_option, picked_number, said_option

PROOF = {"branch": "truong-hop", "options": [["binh-thuong", "Có giấy chứng sinh"], ["khong-chung-sinh", "Không có giấy chứng sinh"], ["bo-roi", "Trẻ bị bỏ rơi"], ["mang-thai-ho", "Sinh do mang thai hộ"]]}
FOREIGN = {"branch": "yeu-to", "options": [["trong-nuoc", "Không"], ["nuoc-ngoai", "Có"], ["nhan-con", "Không, nhưng cần làm nhận cha/mẹ luôn"]]}
LATE = {"branch": "thoi-han", "options": [["dung-han", "Chưa quá 60 ngày"], ["qua-han", "Đã quá 60 ngày"]]}
WHO = {"branch": "nguoi-nop", "options": [["cha-me", "Cha hoặc mẹ"], ["nguoi-than", "Ông bà, người thân"], ["uy-quyen", "Nhờ người khác, có ủy quyền"]]}
CLASS = {"branch": "hang", "options": [["xe-may", "A1, A, B1"], ["o-to", "Ô tô (B, C, D...)"]]}
CHECK = {"branch": "check:anh-ro", "options": [["co", "Có"], ["khong", "Không"]]}
LOST = {"branch": "ly-do", "options": [["con", "Còn, muốn đổi"], ["mat", "Bị mất hoặc hỏng không dùng được"]]}


def flow(question, **more):
    return {"name": "branches", "procedure": "1.001193", "question": {**question, "text": "?"}, **more}


@pytest.mark.parametrize(
    ("question", "text", "option"),
    [
        (FOREIGN, "dạ không ạ", "trong-nuoc"),
        (FOREIGN, "có", "nuoc-ngoai"),
        (FOREIGN, "chồng em người nước ngoài", "nuoc-ngoai"),
        (FOREIGN, "Không, nhưng cần làm nhận cha/mẹ luôn", "nhan-con"),
        (FOREIGN, "không, đều ở đây cả", "trong-nuoc"),
        (FOREIGN, "3", "nhan-con"),
        (FOREIGN, "cái thứ hai", "nuoc-ngoai"),
        (PROOF, "ko co giay chung sinh", "khong-chung-sinh"),
        (PROOF, "có giấy chứng sinh rồi ạ", "binh-thuong"),
        (PROOF, "bé đẻ ở nhà", "khong-chung-sinh"),
        (PROOF, "nhặt được cháu ở chùa, bị bỏ rơi", "bo-roi"),
        (LATE, "rồi", "qua-han"),
        (LATE, "chưa ạ", "dung-han"),
        (LATE, "bé được 4 tháng rồi", "qua-han"),
        (LATE, "mới sinh tuần trước", "dung-han"),
        (LATE, "đúng rồi", "qua-han"),
        (WHO, "mẹ cháu đi làm", "cha-me"),
        (WHO, "tôi nhờ người khác nộp hộ", "uy-quyen"),
        (WHO, "bà ngoại", "nguoi-than"),
        (CLASS, "bằng A1", "xe-may"),
        (CLASS, "xe hơi", "o-to"),
        (CHECK, "ok rồi", "co"),
        (CHECK, "hông có", "khong"),
        (LOST, "còn thẻ", "con"),
        (LOST, "mất rồi", "mat"),
        (LOST, "không biết", UNKNOWN),
        (LOST, "3", UNKNOWN),
    ],
)
def test_replies(question, text, option):
    assert matched_option(text, question["branch"], question["options"]) == option


@pytest.mark.parametrize("text", ["lệ phí bao nhiêu", "nộp ở đâu vậy", "giấy chứng sinh là gì", "có mất tiền không", "mấy ngày xong", "cần giấy tờ gì nữa", "đăng ký kết hôn thì sao?", "xin chào", "cảm ơn bạn"])
@pytest.mark.parametrize("question", [PROOF, LATE, WHO, CHECK], ids=lambda q: q["branch"])
def test_other_messages_are_left_alone(question, text):
    assert flow_accepts(text, flow(question)) is None


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("thôi", "/flow_stop"),
        ("dừng ở đây nhé", "/flow_stop"),
        ("thôi không làm nữa", "/flow_stop"),
        ("để sau đi", "/flow_stop"),
        ("nhắc lại câu hỏi", "/flow_repeat"),
        ("là sao", "/flow_repeat"),
        ("8", "/flow_repeat"),
        ("em không rõ", "/flow_unknown"),
        ("khong biet nua", "/flow_unknown"),
        ("quay lại câu trước", '/branch_answer{"branch": "thoi-han", "option": "back"}'),
        ("chưa quá", '/branch_answer{"branch": "thoi-han", "option": "dung-han"}'),
        ("à nhầm, bị bỏ rơi", '/branch_answer{"branch": "truong-hop", "option": "bo-roi"}'),
        ("nhầm rồi, quá hạn", '/branch_answer{"branch": "thoi-han", "option": "qua-han"}'),
        ("/ask_fee", None),
        ("   ", None),
    ],
)
def test_payloads(text, payload):
    assert flow_accepts(text, flow(LATE, earlier=[PROOF])) == payload


def test_agreeing_is_not_stopping():
    """Without accents "đúng" and "dừng" are one word."""
    assert control_word("đúng") is None and control_word("đúng rồi ạ") is None
    assert control_word("dừng") == "stop" and control_word("dung") is None and control_word("dung lai") == "stop"


def test_parked_and_finished_flows():
    parked = flow(LATE, parked=True)
    assert flow_accepts("rồi", parked) is None and flow_accepts("2", parked) is None
    assert flow_accepts("tiếp tục danh sách", parked) == '/checklist{"procedure": "1.001193"}'
    assert flow_accepts("tiếp tục kiểm tra", {**parked, "name": "check_before"}) == '/check_before{"procedure": "1.001193"}'
    assert flow_accepts("tiếp tục", {**parked, "name": "check_before", "procedure": None}) == "/check_before"
    done = {"name": "branches", "procedure": "1.001193", "question": None, "earlier": [LATE, WHO], "done": True}
    assert flow_accepts("nhầm, nhờ người khác", done) == '/branch_answer{"branch": "nguoi-nop", "option": "uy-quyen"}'
    assert flow_accepts("nhờ người khác", done) is None and flow_accepts("không phải, hỏi hộ chiếu cơ", done) is None
    assert flow_accepts("có", None) is None and flow_accepts("có", {}) is None


def test_life_event_words():
    event = {"name": "life_event", "event": "sinh-con"}
    assert flow_accepts("xong rồi làm gì tiếp", event) == '/life_event{"event": "sinh-con", "option": "next"}'
    assert flow_accepts("quay lại danh sách việc", event) == '/life_event{"event": "sinh-con"}'
    assert flow_accepts("lệ phí bao nhiêu", event) is None


@pytest.mark.parametrize(
    ("question", "text", "option"),
    [
        (LATE, "làm khai sinh cho bé quá 60 ngày cần giấy gì", "qua-han"),
        (LATE, "con em chưa quá hạn", "dung-han"),
        (LATE, "làm khai sinh cần gì", None),
        (WHO, "tôi nhờ người khác nộp được không", "uy-quyen"),
        (WHO, "không ủy quyền được đâu", None),
        (CLASS, "mất bằng lái xe máy thì làm lại ở đâu", "xe-may"),
        (PROOF, "bé sinh ở nhà không có giấy chứng sinh", "khong-chung-sinh"),
    ],
)
def test_said_in_passing(question, text, option):
    assert said_option(text, question["branch"], question["options"]) == option


def test_numbers():
    assert [picked_number(t) for t in ("2", "số 3", "chọn 1 nhé", "cái cuối", "thứ tư", "hai con", "20/11")] == [2, 3, 1, -1, 4, None, None]
