"""The import report of documents as text for a terminal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from knowledge.guidance.records import DocumentRecord


def render_report(documents: list[DocumentRecord], rejected: list[tuple[Path, str]] = ()) -> str:
    """One line a document, then sums, corrections used, unusable passages and rejected files."""
    lines, total, corrected = [], Counter(), Counter()
    for document in (one for top in documents for one in top.walk()):
        passages = document.passages
        row = {
            "mục": len(document.contents),
            "đoạn": len(passages),
            "bảng": document.tables,
            "trùng": sum(p.duplicate_of is not None for p in passages),
            "không dùng để trích": sum(not p.usable for p in passages),
        }
        total.update(row)
        for passage in passages:
            corrected.update(passage.corrections)
        indent = "  " if document.contained_in else ""
        date = document.date.strftime("%d/%m/%Y") if document.date else "không rõ ngày"
        figures = ", ".join(f"{count} {name}" for name, count in row.items() if count)
        lines.append(f"{indent}{document.number} ({date}) {document.kind or ''}: {figures}")
        if document.dropped:
            reasons = Counter(why for _, why in document.dropped)
            lines.append(f"{indent}  bỏ ra: " + ", ".join(f"{why} ({count} dòng)" for why, count in reasons.items()))
    lines.append("Tổng: " + ", ".join(f"{count} {name}" for name, count in total.items()))
    lines.append(f"Văn bản: {sum(len(d.walk()) for d in documents)} trong {len(documents)} tệp")
    if corrected:
        lines.append(
            "Sửa theo danh mục: " + ", ".join(f"{name} ({count})" for name, count in sorted(corrected.items()))
        )
    for document in (one for top in documents for one in top.walk()):
        for passage in document.passages:
            if not passage.usable:
                lines.append(
                    f"Không dùng để trích: {passage.citation()} (dòng {passage.line_from}-{passage.line_to}): {passage.reason}"
                )
    lines += [f"Từ chối {path}: {reason}" for path, reason in rejected]
    return "\n".join(lines)
