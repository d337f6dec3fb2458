"""What an import of the shared data finds: speed, flags by kind, figures, titles that differ between sources.

    python benchmarks/import_report.py [--shared ../shared] [--matcher] [--sample SEED]

`--matcher` measures spaCy's rule matching against the expressions of knowledge/importers/amounts.py.
`--sample SEED` prints 40 records picked at random, raw beside structure, for comparing by eye.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from knowledge.importers import amounts  # noqa: E402
from knowledge.importers.channels import split_rows  # noqa: E402
from knowledge.importers.lists import read_list  # noqa: E402
from knowledge.importers.portal import read_portal  # noqa: E402
from knowledge.importers.rejection import Rejection  # noqa: E402
from knowledge.importers.structured import read_structured  # noqa: E402


def read(name, stream):
    """Records and rejections of one source, with the time it took."""
    began = time.perf_counter()
    found = list(stream)
    records = [item for item in found if not isinstance(item, Rejection)]
    rejected = [item for item in found if isinstance(item, Rejection)]
    print(f"{name}: {len(records)} records, {len(rejected)} rejected, {time.perf_counter() - began:.1f} s")
    for reason, count in Counter(re.sub(r"“[^”]*”|\d[\d.]*", "…", item.reason) for item in rejected).most_common():
        print(f"    {count:5} {reason}")
    return records


def flags_table(records):
    """Kind, how many flags, in how many records."""
    flags = Counter(flag.kind for record in records for flag in record.flags)
    holders = Counter(kind for record in records for kind in {flag.kind for flag in record.flags})
    print(f"\n| flag | flags | records of {len(records)} |\n| --- | ---: | ---: |")
    for kind, count in flags.most_common():
        print(f"| {kind} | {count} | {holders[kind]} |")
    print(f"records without a flag: {sum(not record.flags for record in records)}")


def figures(records):
    """Counts of what was structured."""
    channels = [channel for record in records for channel in record.channels]
    fees = [fee for channel in channels for fee in channel.fees]
    papers = [item for record in records for item in record.dossier]
    laws = [law for record in records for law in record.legal_basis]
    print(
        f"\nchannels {len(channels)}, with a time and unit {sum(bool(c.time and c.time.unit) for c in channels)}, bare number {sum(bool(c.time and not c.time.unit) for c in channels)}"
        f"\nfees {len(fees)}: amounts {sum(bool(f.amount) for f in fees)}, rates {sum(bool(f.rate) for f in fees)}, free or exempt {sum(f.amount == 0 for f in fees)}, "
        f"set elsewhere {sum(f.amount is None and not f.rate for f in fees)}, with a window {sum(bool(f.valid_from or f.valid_to) for f in fees)}, with a basis {sum(bool(f.basis) for f in fees)}"
        f"\ndossier rows {len(papers)}: notes {sum(p.is_note for p in papers)}, with a form {sum(bool(p.form) for p in papers)}"
        f"\nlegal documents {len(laws)}: without number {sum(not law.number for law in laws)}"
        f"\nsteps {sum(len(record.steps) for record in records)}, results {sum(len(record.results) for record in records)}"
    )


def titles(sources):
    """Codes whose names share less than a third of their words between two sources: one of them is wrong."""
    known = {}
    for label, records in sources:
        for record in records:
            known.setdefault(record.code, {}).setdefault(label, record.name)
    print("\ncodes whose title differs between sources (share of common words under 35 %):")
    for code, names in sorted(known.items()):
        labels = list(names)
        words = [set(re.findall(r"[^\W\d_]+", name.casefold())) - {"thủ", "tục"} for name in names.values()]
        for index in range(1, len(labels)):
            share = len(words[0] & words[index]) / max(1, min(len(words[0]), len(words[index])))
            if share < 0.35 and labels[0] == "portal":
                print(f"    {code}: {labels[0]} “{names[labels[0]][:70]}” / {labels[index]} “{names[labels[index]][:70]}”")


def matcher(records):
    """spaCy's Matcher against `find_money` on the fee cells: amounts found, and time."""
    import spacy
    from spacy.matcher import Matcher

    cells = [row.paren for record in records for row in split_rows(record.raw["channels"])[0] if row.paren]
    began = time.perf_counter()
    by_re = [{m.value for m in amounts.find_money(cell) if m.value} for cell in cells]
    took_re = time.perf_counter() - began
    nlp = spacy.blank("xx")
    rules = Matcher(nlp.vocab)
    unit = {"LOWER": {"IN": ["đồng", "đ", "vnđ", "vnd", "usd"]}}
    rules.add("amount", [
        [{"TEXT": {"REGEX": r"^\d[\d.,]*$"}}, unit],
        [{"TEXT": {"REGEX": r"^\d[\d.,]*$"}}, {"LOWER": {"IN": ["triệu", "nghìn", "tỷ"]}}, unit],
        [{"TEXT": {"REGEX": r"^\d{1,3}(?:[.,]\d{3})+(?:đ|Đ|đồng|vnđ|USD)(?:/\S+)?$"}}],
        [{"TEXT": {"REGEX": r"^\d{1,3}(?:[.,]\d{3})+/\S+$"}}],
        [{"TEXT": {"REGEX": r"^\d{1,3}(?:[.,]\d{3})+$"}}, {"TEXT": {"REGEX": r"^(?:đồng|đ|VNĐ|Đồng)/\S+$"}}],
    ])  # fmt: skip
    began = time.perf_counter()
    by_rules = []
    for doc in nlp.pipe(cells):
        found = set()
        for _, start, end in rules(doc):
            words = doc[start:end].text
            number = re.match(r"[\d.,]+", words)
            value = amounts.parse_number(number.group()) if number else None
            scale = next((factor for word, factor in (("nghìn", 1e3), ("triệu", 1e6), ("tỷ", 1e9)) if word in words), 1)
            if value and value * scale >= 10:
                found.add(value * scale)
        by_rules.append(found)
    took_rules = time.perf_counter() - began
    union = sum(len(a | b) for a, b in zip(by_re, by_rules, strict=True))
    only_re = sum(len(a - b) for a, b in zip(by_re, by_rules, strict=True))
    only_rules = sum(len(b - a) for a, b in zip(by_re, by_rules, strict=True))
    print(
        f"\n{len(cells)} fee cells: re {sum(map(len, by_re))} amounts in {took_re:.2f} s; spaCy {spacy.__version__} Matcher {sum(map(len, by_rules))} in {took_rules:.2f} s"
        f"\n    of {union} found by either: only re {only_re}, only Matcher {only_rules}"
    )
    for cell, a, b in zip(cells, by_re, by_rules, strict=True):
        if b - a:
            print(f"    only Matcher {sorted(b - a)}: {cell[:120]}")


def sample(records, seed):
    """40 records, raw beside structure."""
    for record in random.Random(seed).sample(records, 40):
        print(f"\n=== {record.code} {record.name} | {record.levels} | {record.agency} | {record.dossier_sets}")
        for row, channel in zip(split_rows(record.raw["channels"])[0], record.channels, strict=False):
            print(f"  raw  {row.method} | {row.time} | {row.column} | {row.paren[:300]} | {row.description[:160]!r}")
            time_limit = channel.time and (channel.time.value, channel.time.unit)
            print(f"   ->  {channel.method} {time_limit} free={channel.declared_free} contradiction={channel.contradiction}")
            for fee in channel.fees:
                print("       ", {key: str(value) for key, value in vars(fee).items() if value not in (None, False, {}, "VND") or (value == 0.0 and key == "amount")})
        print("  raw  ", record.raw.get("dossier", "")[:700].replace("\n", " "))
        for item in record.dossier[:8]:
            print(f"   ->  {item.originals}/{item.copies} {item.form} {'NOTE' if item.is_note else ''} [{(item.group or '')[:30]}] {item.name[:80]} … {item.name[-25:]}")
        print("  raw  ", record.raw.get("legal", "")[:700])
        for law in record.legal_basis:
            print(f"   ->  {law.number} | {(law.title or '')[:60]} | {law.date or ''}")
        print("  raw  ", record.raw.get("results", "").split("Từ khóa")[0][:250])
        print("   ->  ", [(result.name[:50], result.code, result.refusal) for result in record.results])
        print("   steps", [step[:40] for step in record.steps[:8]], [flag.kind for flag in record.flags])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("MOTCUA_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--matcher", action="store_true", help="measure spaCy's Matcher against re")
    parser.add_argument("--sample", type=int, metavar="SEED", help="print 40 records for comparing by eye")
    options = parser.parse_args()
    data = options.shared / "data"
    if not data.is_dir():
        print(f"no shared data at {data}; give --shared", file=sys.stderr)
        return 2
    portal = read("portal", read_portal(data / "national-portal-2026-07"))
    if options.sample is not None:
        sample(portal, options.sample)
        return 0
    if options.matcher:
        matcher(portal)
        return 0
    structured = read("structured", read_structured(data / "structured-113"))
    listed = read("lists", read_list(data / "lists"))
    figures(portal)
    flags_table(portal)
    print("\nstructured:")
    flags_table(structured)
    titles([("portal", portal), ("structured", structured), ("list", listed)])
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB (all records held; a reader that drops them needs far less)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
