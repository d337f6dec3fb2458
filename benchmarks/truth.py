"""Is what `motcua show --json` says what the raw record says? Field by field, with a reader of its own.

    python benchmarks/truth.py [--n 200] [--seed 1] [--all-money] [--shared ../shared] [--show]

For N crawl records picked at random: channels, times, amounts, windows, basis of fees, legal numbers, dossier names and
counts, read again from the raw text by simple patterns that share nothing with knowledge/importers, and compared with
the structure. Only what the raw record states clearly is compared: a row "Trực tiếp3 Ngày làm việc7,000 Việt Nam Đồng",
a number that stands apart, a count cell with a letter before it. Target: 97 % of the fields.
`--all-money`: over every raw record, amounts of money of the whole page that are neither structured nor kept as text.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import datetime as dt  # noqa: E402

from knowledge.importers.portal import parse_record  # noqa: E402
from knowledge.importers.rejection import RecordError  # noqa: E402
from knowledge.views import as_contract  # noqa: E402

TODAY = dt.date(2026, 11, 21)
METHODS = {"Trực tuyến": "online", "Dịch vụ bưu chính": "post", "Bưu chính": "post", "Trực tiếp": "in_person"}
UNITS = {"Ngày làm việc": "working_day", "Ngày": "day", "Giờ làm việc": "working_hour", "Giờ": "hour", "Phút": "minute", "Tháng": "month", "Năm": "year"}
ROW = re.compile(
    r"(Trực tuyến|Dịch vụ bưu chính|Trực tiếp)(\d{1,3}) (Ngày làm việc|Giờ làm việc|Ngày|Giờ|Phút|Tháng)(?=Miễn phí|\d|Không|Phí|Lệ phí|\(|$)"
    r"(Miễn phí|(\d{1,3}(?:,\d{3})+) (?:Việt Nam Đồng|VNĐ))?"
)
WINDOW = re.compile(r"[Tt]ừ ngày (\d{1,2})/(\d{1,2})/(\d{4}) đến (?:hết )?(?:ngày )?(\d{1,2})/(\d{1,2})/(\d{4})")
UNTIL = re.compile(r"áp dụng đến hết ngày (\d{1,2})/(\d{1,2})/(\d{4})")
NUMBER = re.compile(r"(?<![\d/])(\d{1,4}/(?:19|20)\d{2}/(?:NĐ-CP|TT-B[A-ZĐ]{1,5}|TT-NHNN|QH1[0-6]|TTLT-[A-Z-]+|QĐ-TTg))(?![\w/-])")
COUNT = re.compile(r"([^\W\d_)])(\d) bản chính(?=[^\W\d_]|$|-|\d\.|\+)")
MONEY = re.compile(r"(?<![\d.,/])(\d{1,3}(?:[.,]000)+|\d{1,3}(?:\.\d{3})+)\s*(?:đồng|đ\b|VNĐ|Việt Nam Đồng|Đồng)", re.I)


def clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text or "")
    return re.sub(r"[ \t\u00a0]+", " ", re.sub("[\u200b-\u200f\ufeff]", "", text))


def figure(text: str) -> float:
    return float(re.sub(r"[.,]", "", text))


def compare(raw: dict, told: dict) -> list[tuple[str, bool, str]]:
    """(field, right, what) for everything that the raw record states clearly."""
    found: list[tuple[str, bool, str]] = []
    cell = clean(raw["cach_thuc_thuc_hien"])
    rows = list(ROW.finditer(cell))
    by_method = defaultdict(list)
    for channel in told["channels"]:
        by_method[channel["method"]].append(channel)
    for row in rows:
        method, value, unit = METHODS[row[1]], float(row[2]), UNITS[row[3]]
        mine = by_method[method]
        found.append(("channel", bool(mine), row[1]))
        found.append(("time", any(c["time"] and c["time"]["value"] == value and c["time"]["unit"] == unit for c in mine), f"{row[1]} {row[2]} {row[3]}"))
        if row[4] == "Miễn phí":
            found.append(("declared free", any(c["declared_free"] for c in mine), row[1]))
        elif row[5]:
            found.append(("amount of the column", any(f["amount"] == figure(row[5]) for c in mine for f in c["fees"]), f"{row[1]} {row[5]}"))
    fees = [fee for channel in told["channels"] for fee in channel["fees"]]
    amounts = {fee["amount"] for fee in fees}
    kept = " ".join(f"{c['note'] or ''} {c['description'] or ''} {c['case'] or ''}" for c in told["channels"])
    squeezed = re.sub(r"\s", "", kept)
    for match in MONEY.finditer(cell):
        value = figure(match[1])
        if value >= 1000:
            found.append(("amount", value in amounts or re.sub(r"\s", "", match[0]) in squeezed, match[0]))
    windows = {(fee["valid_from"], fee["valid_to"]) for fee in fees}
    parens = " ".join(re.findall(r"\d[\d.,]*\s*(?:đồng|đ)[^()]{0,60}\((?:[^()]|\([^()]*\))*\)|\((?:[^()]|\([^()]*\))*\)", cell))
    for match in WINDOW.finditer(parens):
        try:
            start, end = (dt.date(int(match[n + 2]), int(match[n + 1]), int(match[n])).isoformat() for n in (1, 4))
        except ValueError:
            continue
        found.append(("window", (start, end) in windows, match[0]))
    for match in UNTIL.finditer(cell):
        end = dt.date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        found.append(("window", any(w[1] == end for w in windows), match[0]))
    bases = {fee["basis"] for fee in fees}
    if len(numbers := set(NUMBER.findall(cell))) == 1 and fees and any(c["fees"] for c in told["channels"]):
        (only,) = numbers
        found.append(("basis", only in bases or only in kept, only))
    table = clean(raw["can_cu_phap_ly"])
    laws = {law["number"] for law in told["legal_basis"] if law["number"]}
    titles = " ".join(law["title"] or "" for law in told["legal_basis"])
    for number in set(NUMBER.findall(re.sub(r"(QH1[0-6])(?=\d)|((?:19|20)\d{2})(?=\d{1,4}/(?:19|20)\d{2}/)", r"\1\2 ", table))):
        found.append(("legal number", number in laws or number in titles or number.replace("Đ", "D") in laws, number))
    dossier = clean(raw["thanh_phan_ho_so"])
    if "Tên giấy tờ" in dossier:
        names = " ".join(re.sub(r"\W", "", paper["name"]).casefold() for paper in told["dossier"])
        counted = Counter(paper["originals"] for paper in told["dossier"])
        cells = Counter()
        for match in COUNT.finditer(dossier):
            cells[int(match[2])] += 1
            words = re.sub(r"\W", "", dossier[max(0, match.start() - 14) : match.start() + 1].split("\n")[-1]).casefold()
            if len(words) >= 8 and not re.search(r"docx?|pdf|xlsx?|bảnchính", words):
                found.append(("dossier name", words in names.replace(" ", ""), words))
        for number, times in cells.items():
            found.append(("dossier count", counted[number] >= times, f"{number} bản chính: {times} ô, {counted[number]} giấy tờ"))
    results = [one.strip() for one in re.findall(r"(?:^|Không có thông tin)([^:]{6,80}?)Mã: ", clean(raw["ket_qua_xu_ly"]))]
    told_results = re.sub(r"\W", "", " ".join(told["results"] + told["refusals"])).casefold()
    for name in results:
        found.append(("result", re.sub(r"\W", "", name.split("Mô tả")[-1].split("Từ khóa")[-1]).casefold() in told_results, name))
    for own, field in (("linh_vuc", "field"), ("so_quyet_dinh", "decision")):
        if clean(raw[own]).strip() not in ("", "Không có thông tin"):
            found.append((field, (told[field] or "").split() == clean(raw[own]).split(), raw[own]))
    return found


def lost_money(raw: dict, told: dict, raw_kept: str) -> list[str]:
    """Amounts of the whole page that are nowhere: not structured, not in the text that is kept."""
    amounts = {fee["amount"] for channel in told["channels"] for fee in channel["fees"]}
    kept = re.sub(r"\s", "", raw_kept + json.dumps(told, ensure_ascii=False))
    page = clean(" ".join(str(value) for value in raw.values() if isinstance(value, str)))
    return sorted({m[0] for m in MONEY.finditer(page) if figure(m[1]) not in amounts and re.sub(r"\s", "", m[1]) not in kept})


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all-money", action="store_true")
    parser.add_argument("--show", action="store_true", help="print every field that is not right")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("MOTCUA_SHARED") or ROOT.parent / "shared"))
    args = parser.parse_args(argv)
    files = sorted((args.shared / "data" / "national-portal-2026-07").rglob("*.json"))
    if not files:
        print(f"needs the raw records in {args.shared}/data")
        return 2
    chosen = files if args.all_money else random.Random(args.seed).sample(files, min(args.n, len(files)))
    right, total, lost, refused = Counter(), Counter(), 0, 0
    for path in chosen:
        raw = json.loads(path.read_text(encoding="utf-8"))
        try:
            record = parse_record(raw, path=str(path))
        except RecordError:
            refused += 1
            continue
        told = as_contract([record], TODAY)
        if args.all_money:
            missing = lost_money(raw, told, " ".join(record.raw.values()) + " ".join(map(str, vars(record).values())))
            if missing:
                lost += len(missing)
                print(f"{record.code}: {', '.join(missing)[:200]}")
            continue
        for field, good, what in compare(raw, told):
            total[field] += 1
            right[field] += good
            if args.show and not good:
                print(f"{record.code} {field}: {what}")
    if args.all_money:
        print(f"{len(chosen) - refused} records ({refused} refused): {lost} amounts of money neither structured nor kept")
        return 1 if lost else 0
    print(f"\n{len(chosen) - refused} records picked with seed {args.seed} ({refused} refused)\n| field | compared | right |\n| --- | --- | --- |")
    for field, number in total.most_common():
        print(f"| {field} | {number} | {right[field] / number:.1%} |")
    share = sum(right.values()) / max(1, sum(total.values()))
    print(f"| all | {sum(total.values())} | {share:.2%} |")
    return 0 if share >= 0.97 else 1


if __name__ == "__main__":
    sys.exit(main())
