"""Phí, lệ phí: the amounts in force today for each way of filing, with condition and basis."""

from __future__ import annotations

from actions.answer import Answer, Line, vietnamese_date
from actions.aspects.merging import merge_labels
from actions.topic import METHODS, Topic, clip, sourced
from knowledge.fees import FeeAnswer, fees, money, safe_note
from knowledge.records import FeeRecord, ProcedureRecord


def amount_text(fee: FeeRecord) -> str:
    """'7.000 đồng/lần – cá nhân, hộ gia đình (75/2022/TT-BTC), đến hết 31/12/2026'."""
    figure = money(fee.amount, fee.currency) if fee.amount is not None else f"mức thu {fee.rate}"
    if fee.bound:
        figure = ("từ " if fee.bound == "min" else "tối đa ") + figure
    if fee.per:
        figure += f"/{fee.per}"
    if fee.kind:
        figure = f"{fee.kind} {figure}"
    if fee.place:
        figure += f" (tại {fee.place})"
    if fee.condition:
        figure += f" – {clip(fee.condition, 260)}"
    if fee.basis and fee.basis not in (fee.condition or ""):
        figure += f" ({fee.basis})"
    if fee.valid_from and fee.valid_to:
        figure += f", áp dụng từ {vietnamese_date(fee.valid_from.isoformat())} đến hết {vietnamese_date(fee.valid_to.isoformat())}"
    elif fee.valid_to:
        figure += f", áp dụng đến hết {vietnamese_date(fee.valid_to.isoformat())}"
    elif fee.valid_from:
        figure += f", áp dụng từ {vietnamese_date(fee.valid_from.isoformat())}"
    return figure


def channel_texts(told: FeeAnswer) -> list[str]:
    """What is due by one channel, in sentences."""
    label = METHODS[told.channel.method]
    if told.channel.case:
        label += f" ({clip(told.channel.case, 120)})"
    texts = []
    if told.status == "contradiction":
        texts.append(f"{label}: cổng ghi “Miễn phí” nhưng lại kèm mức thu, hai chỗ mâu thuẫn; bạn nên hỏi lại nơi nộp. Mức thu cổng nêu:")
    elif told.status == "free":
        until = f" đến hết ngày {vietnamese_date(told.free_until.isoformat())}" if told.free_until else ""
        texts.append(f"{label}: Miễn phí{until}.")
    elif told.status == "depends":
        council = any(fee.decided_by_council for fee in told.set_elsewhere)
        bases = ", ".join(dict.fromkeys(fee.basis for fee in told.set_elsewhere if fee.basis))
        who = "do Hội đồng nhân dân cấp tỉnh quy định" if council else "theo văn bản riêng"
        texts.append(f"{label}: mức thu {who}{f' ({bases})' if bases else ''}; nguồn không ghi số tiền nên tôi không nêu con số.")
        texts += [f"  {clip(fee.condition, 240)}" for fee in told.set_elsewhere if fee.condition]
    elif told.status == "unknown":
        texts.append(f"{label}: chưa có dữ liệu về mức thu.")
    if told.amounts and told.status in ("amounts", "contradiction"):
        prefix = f"{label}: " if told.status == "amounts" else "  "
        texts += [prefix + amount_text(fee) for fee in told.amounts]
    if told.status == "amounts":
        texts += [f"{label}: {clip(fee.condition or fee.basis or '', 240)} – mức do nơi khác quy định, nguồn không ghi số." for fee in told.set_elsewhere if fee.condition or fee.basis]
    texts += [f"  Mức thường {amount_text(fee)} tạm chưa áp dụng, sẽ thu lại khi mức trên hết hạn." for fee in told.replaced]
    if told.conflicts:
        texts.append("  Nguồn ghi các mức khác nhau cho cùng một việc; bạn nên hỏi lại nơi nộp.")
    texts += [f"  Nơi khác: {amount_text(fee)}" for fee in told.local if fee.amount or fee.rate]
    texts += [f"  Miễn: {clip(fee.condition, 260)}" for fee in told.exempt if fee.condition]
    texts += [f"  Không còn áp dụng: {amount_text(fee)} – đã hết hiệu lực." for fee in told.ended]
    texts += [f"  Sắp áp dụng: {amount_text(fee)}." for fee in told.coming]
    return texts


def _with_fees(topic: Topic) -> ProcedureRecord | None:
    return next((layer for layer in topic.layers if any(c.fees or c.declared_free or c.note for c in layer.channels)), topic.having("channels"))


def lines(topic: Topic, answer: Answer) -> list[Line]:
    layer = _with_fees(topic)
    if layer is None:
        return [Line("Tôi chưa có dữ liệu về lệ phí của thủ tục này.", "note")]
    told = fees(layer, topic.day, place=topic.place, case=topic.case)
    texts: list[str] = []
    for one in told:
        texts += [t for t in channel_texts(one) if t not in texts]
        note = safe_note(layer, one.channel)
        if note and one.status in ("unknown", "depends", "contradiction"):
            texts.append(f"  Cổng ghi: “{clip(note, 400)}”")
    result = [Line(f"Phí, lệ phí tính đến ngày {vietnamese_date(topic.day.isoformat())}:", "heading")]
    result += sourced(topic, answer, layer, merge_labels(texts), "item", "fee")
    result += _fresher(topic, answer, layer, told)
    return result


def _fresher(topic: Topic, answer: Answer, layer: ProcedureRecord, told: list[FeeAnswer]) -> list[Line]:
    """Amounts in force that a fresher layer gives and the shown one does not: said, never mixed in."""
    shown = {(fee.amount, fee.rate) for one in told for fee in (*one.amounts, *one.exempt, *one.ended)}
    result: list[Line] = []
    for other in topic.layers:
        if other is layer or not other.source.retrieved or (layer.source.retrieved and other.source.retrieved <= layer.source.retrieved):
            continue
        texts = [
            f"Cổng ngày {vietnamese_date(other.source.retrieved.isoformat())} còn ghi – {METHODS[one.channel.method]}: {amount_text(fee)}"
            for one in fees(other, topic.day, place=topic.place, case=topic.case)
            for fee in one.amounts
            if (fee.amount, fee.rate) not in shown and (fee.amount or fee.rate)
        ]
        result += sourced(topic, answer, other, list(dict.fromkeys(texts)), "warning", "fee")
    return result
