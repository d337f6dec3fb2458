"""Verdicts on turns against expectations: pass, asked, missed, wrong, error.

wrong (something else stated as the answer) is the verdict that matters most; asked means that choices with the right
one were offered where an answer was expected.
"""

from __future__ import annotations

import collections
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

VERDICTS = ("pass", "asked", "missed", "wrong", "error")
NOT_ANSWERED = {"declined", "smalltalk", "handoff", "emergency", "choices"}
# Question types that a fair reader takes for one another.
NEAR = {
    "overview": {"overview", "steps", "dossier", "online", "conditions"},
    "steps": {"steps", "online", "overview"},
    "online": {"online", "steps"},
    "form": {"form", "dossier"},
}


def comparable(text: str) -> str:
    text = unicodedata.normalize("NFC", text).lower().replace("\u00a0", " ")
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", ".", text)
    return re.sub(r"\s+", " ", re.sub(r"\b0+(?=[1-9])", "", text)).strip()


def read_cases(paths: list[Path]) -> list[dict]:
    """Raises ValueError naming file and line."""
    cases = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                case = json.loads(line)
                if len(case["expect"]) != len(case["turns"]):
                    raise ValueError("số expect khác số turns")
                cases.append(case)
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}: dòng {number}: {error}") from error
    return cases


def said(turn: dict) -> str:
    parts = []
    for message in turn.get("reply") or []:
        parts += [message.get("text") or "", *(b.get("title") or "" for b in message.get("buttons") or [])]
    return comparable("\n".join(parts))


def judge(expect: dict, turn: dict | None) -> tuple[str, str]:
    """(verdict, detail) of one turn."""
    if turn is None or turn.get("kind") == "error":
        return "error", "không có kết quả"
    kind, text, got = turn.get("kind"), said(turn), turn.get("procedures") or []
    wanted = expect.get("procedures") or []
    missing = [fact for fact in expect.get("facts") or [] if comparable(fact) not in text]
    if any(comparable(p) in text for p in expect.get("pii") or []):
        return "wrong", "lặp lại dữ liệu cá nhân"
    if expect.get("emergency"):
        return ("pass", "") if kind == "emergency" and not missing else ("missed", f"{kind}, thiếu {missing}")
    if expect.get("may_correct") and kind == "guidance":
        return "pass", ""
    if expect.get("decline"):
        return ("pass", "") if kind in NOT_ANSWERED else ("wrong", f"đã trả lời: {kind} {got[:1]}")
    if expect.get("guidance"):
        if kind not in ("guidance", "answer"):
            return "missed", str(kind)
        cited = {comparable(s.get("number") or "") for s in turn.get("sources") or []}
        if expect.get("documents") and not cited & {comparable(d) for d in expect["documents"]}:
            return "wrong", f"dẫn {sorted(cited)}"
        return ("pass", "") if not missing else ("missed", f"thiếu {missing}")
    if expect.get("ask_back"):
        if kind == "choices" and (not wanted or set(got[:6]) & set(wanted)):
            return "pass", ""
        if kind == "answer" and got and got[0] in wanted:
            return "asked", "trả lời một trong nhiều"
        return ("wrong", f"đã trả lời {got[:1]}") if kind == "answer" else ("missed", str(kind))
    if not wanted:
        if expect.get("smalltalk") and kind in ("answer", "guidance"):
            return "wrong", f"đã trả lời {kind} {got[:1]}"
        return ("pass", "") if not missing else ("missed", f"thiếu {missing}")
    for group in expect.get("all_of") or []:
        if not set(got) & set(group):
            return ("asked", "") if kind == "choices" else ("missed", f"không nói về {group[:2]}")
    if kind == "choices":
        return ("asked", "") if set(got[:4]) & set(wanted) else ("missed", f"lựa chọn không có: {got[:4]}")
    if kind != "answer":
        return "missed", str(kind)
    if not got or got[0] not in wanted:
        return "wrong", f"{got[:1]} thay vì {wanted[:3]}"
    aspect = expect.get("aspect")
    if aspect and not NEAR.get(aspect, {aspect}) & set(turn.get("aspects") or []):
        return "missed", f"đúng thủ tục, {turn.get('aspects')} thay vì {aspect}"
    return ("pass", "") if not missing else ("missed", f"đúng thủ tục, thiếu {missing}")


def judge_files(cases: list[dict], rows: list[dict]) -> dict[str, Any]:
    """{"tables": {name: {"n", verdict shares}}, "whole", "linker", "failures"}."""
    turns = {(row["id"], row["turn"]): row for row in rows}
    counts: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    whole = {"conversations": 0, "passed": 0}
    linked = collections.Counter()
    failures = []
    for case in cases:
        good = True
        for number, expect in enumerate(case["expect"]):
            expect = {**{k: case[k] for k in ("pii", "emergency", "smalltalk") if k in case}, **expect}
            turn = turns.get((case["id"], number))
            verdict, detail = judge(expect, turn)
            good &= verdict == "pass"
            for name in ("all", f"kiểu viết {case.get('style')}", f"loại câu hỏi {expect.get('aspect')}", *([f"loại {case['kind']}"] if case.get("kind") else [])):
                counts[name][verdict] += 1
            if expect.get("procedures") and not expect.get("ask_back") and turn:
                ranks = [c.get("code") for c in turn.get("candidates") or []]
                linked["n"] += 1
                linked["at1"] += bool(set(ranks[:1]) & set(expect["procedures"]))
                linked["at10"] += bool(set(ranks[:10]) & set(expect["procedures"]))
            if verdict != "pass":
                failures.append(f"{case['id']}[{number}] {verdict}: {case['turns'][number][:100]!r} -> {detail}")
        whole["conversations"] += 1
        whole["passed"] += good
    tables = {}
    for name in sorted(counts, key=lambda t: (t != "all", t)):
        total = sum(counts[name].values())
        tables[name] = {"n": total, **{v: counts[name][v] / total for v in VERDICTS}}
    n = max(linked["n"], 1)
    return {"tables": tables or {"all": {"n": 0, **{v: 0.0 for v in VERDICTS}}}, "whole": whole, "linker": {"n": linked["n"], "R@1": linked["at1"] / n, "R@10": linked["at10"] / n}, "failures": failures}
