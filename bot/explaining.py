"""Why the assistant answered as it did: for officials who test and correct it."""

from __future__ import annotations

from bot.assistant import Turn


def explain_turn(turn: Turn) -> str:
    """Original and normalised text, question types, candidates with what decided, the action's outcome, the source rows."""
    parse, answer = turn.parse, turn.answer
    link = parse.get("link") or {}
    intent = parse.get("intent") or {}
    lines = [
        "— Giải thích —",
        f"Câu gốc:      {turn.message}",
        f"Chuẩn hóa:    {parse.get('normalised') or parse.get('text') or ''}",
        f"Ý định:       {intent.get('name')} ({intent.get('confidence') or 0:.2f})",
    ]
    if types := parse.get("question_types"):
        lines.append("Loại câu hỏi: " + ", ".join(f"{t['name']} {t['confidence']:.2f}" for t in types))
    if entities := parse.get("entities"):
        lines.append("Thực thể:     " + ", ".join(f"{e['entity']}={e['value']}" for e in entities))
    if link:
        lines.append(f"Liên kết:     {link.get('decision')} (độ chắc {link.get('sureness', 0):.2f}, lượng chủ đề {link.get('topical', 0):.1f}: {' '.join(link.get('topical_words', [])[:12])})")
        lines += [f"   {c['score']:.3f}  {c['code']}" for c in link.get("candidates", [])[:5]]
        features = sorted(link.get("features", {}).items(), key=lambda kv: -abs(kv[1]))[:10]
        lines.append("   đặc trưng của ứng viên đầu: " + ", ".join(f"{k}={v:g}" for k, v in features))
    if parse.get("arbiter"):
        lines.append(f"Trọng tài:    {parse['arbiter']}")
    lines.append(f"Kết quả:      {answer.kind} {' '.join(answer.procedures)} {' '.join(answer.aspects)}  ({turn.latency_ms:.1f} ms)")
    rows = list(dict.fromkeys(line.row for line in answer.lines if line.row))
    if rows:
        lines.append("Dòng nguồn:   " + ", ".join(rows[:12]))
    return "\n".join(lines)
