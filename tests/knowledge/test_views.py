"""`motcua show` for a reader: titles of tables, times, counts."""

import datetime as dt

from knowledge.records import ChannelRecord, DossierItem, TimeLimit
from knowledge.views import OTHER_PAPERS, as_text, group_heading

DAY = dt.date(2026, 7, 21)


def test_a_heading_opens_every_group_and_an_untitled_one_after_a_title():
    groups, before, told = [None, None, "Chim", "Chim", None, "Cá"], None, []
    for group in groups:
        told.append(group_heading(group, before))
        before = group
    assert told == [None, None, "Chim", None, OTHER_PAPERS, "Cá"]


def test_an_untitled_table_does_not_stand_under_the_title_before(made_up):
    record = made_up(dossier=[DossierItem("Ảnh chim", 1, group="Chim to"), DossierItem("Đơn", 1), DossierItem("Sổ", 1)])
    lines = as_text([record], DAY).splitlines()
    start = lines.index("  [Chim to]")
    assert lines[start : start + 5] == ["  [Chim to]", "  - Ảnh chim (1 bản chính)", f"  [{OTHER_PAPERS}]", "  - Đơn (1 bản chính)", "  - Sổ (1 bản chính)"]


def test_only_stated_counts_and_one_word_for_the_form(made_up):
    record = made_up(dossier=[DossierItem("Đơn", 1, None, "Mẫu số 03"), DossierItem("Sổ", 0, 2, "CT01"), DossierItem("Thẻ")])
    text = as_text([record], DAY)
    assert "- Đơn (1 bản chính) [Mẫu số 03]" in text and "- Sổ (0 bản chính, 2 bản sao) [mẫu CT01]" in text
    assert "  - Thẻ\n" in text


def test_a_time_that_only_the_description_gives_is_shown(made_up):
    record = made_up(
        channels=[
            ChannelRecord("in_person", description="Nộp tại xã. Kiểm tra trong 02 ngày làm việc; cấp giấy trong 45 ngày. Mang theo chim."),
            ChannelRecord("post", description="Gửi về xã."),
            ChannelRecord("online", time=TimeLimit(3.0, "day", maximum=5.0), time_text="3 - 5 Ngày"),
        ]
    )
    text = as_text([record], DAY)
    assert "Trực tiếp: theo mô tả: Kiểm tra trong 02 ngày làm việc; cấp giấy trong 45 ngày.\n" in text
    assert "không nêu thời hạn" in text and "3 - 5 ngày" in text


def test_sets_and_address_are_shown(made_up):
    record = made_up(receiving_address="Nhà văn hóa xã Chim", dossier_sets="02 bộ")
    text = as_text([record], DAY)
    assert "Địa chỉ tiếp nhận: Nhà văn hóa xã Chim" in text and "Số lượng hồ sơ: 02 bộ" in text
