"""Is every fact of the curated catalogue in the raw record of its code, and every raw paper in the catalogue?

Reads `knowledge/catalogue/*/*.yml` and the two raw collections of `../shared/data` (or `MOTCUA_SHARED`): the structured
113 and the portal crawl. Prints a table and what does not hold, writes JSON to `results/`; exit status 1 when
something is not covered, 2 when there is nothing to check against.

    python benchmarks/catalogue_check.py                       # all entries
    python benchmarks/catalogue_check.py 1.001193 --papers 60  # one entry, looser matching of papers
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import product
from pathlib import Path

import jsonschema
import yaml
from rapidfuzz import fuzz

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "knowledge" / "catalogue"
SCHEMA = json.loads((CATALOGUE / "schema.json").read_text(encoding="utf-8"))
UNIT_WORDS = {
    "minute": "phút",
    "hour": "giờ",
    "working_hour": "giờ",
    "day": "ngày",
    "working_day": "ngày",
    "month": "tháng",
    "year": "năm",
}
# A row that names no paper of its own: titles and introductions inside the dossier table.
HEADING = re.compile(r"(gồm|sau|sau đây|dưới đây|tương ứng sau đây)\s*[:;.]?\s*$", re.IGNORECASE)
NOTE = re.compile(r"lưu ý\b", re.IGNORECASE)
HEAD_WORDS = 25
INVENTED = 75.0
COUNT = re.compile(r"(?<!\d)(\d{1,2}) bản (chính|sao)(?:,\s*(\d{1,2}) bản sao)?")
NUMBER = re.compile(r"\d+(?:[.,]\d{3})+(?!\d)|\d+")


@dataclass
class Raw:
    """What the sources say about one code: all text, and the rows of the dossier tables."""

    text: str = ""
    rows: list[tuple[str, str, bool]] = field(default_factory=list)  # (decision number, name, has a count over 0)
    origins: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.flat = ""
        self.numbers: set[str] = set()

    @property
    def papers(self) -> list[str]:
        return [name for _, name, counted in self.rows if counted]

    @property
    def notes(self) -> list[str]:
        """Rows with "0 bản chính": instructions, seldom papers."""
        return [name for _, name, counted in self.rows if not counted]

    def papers_under(self, decision: str | None) -> list[str]:
        """Papers of the reading that the entry follows; of all readings when none has that decision number.

        The two collections were read at different times: where a newer decision changed the dossier, the entry names it.
        """
        wanted = squeeze(decision or "")
        own = [name for number, name, counted in self.rows if counted and wanted and squeeze(number) == wanted]
        return own or self.papers

    def close(self) -> None:
        self.text = clean(self.text)
        self.flat = squeeze(self.text)
        self.numbers = {plain(n) for n in NUMBER.findall(self.text)}


@dataclass
class Finding:
    code: str
    kind: str
    where: str
    value: str


def clean(text: object) -> str:
    text = unicodedata.normalize("NFC", str(text)).replace("\u200e", "").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text)


def squeeze(text: str) -> str:
    """Letters and digits only, lower case: 'Mẫu số 01 / ĐK' and 'mẫu số 01/ĐK' are one."""
    return re.sub(r"[\W_]+", "", clean(text).casefold())


def plain(number: str) -> str:
    return re.sub(r"[.,]", "", number).lstrip("0") or "0"


def walk(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():  # titles of dossier groups are keys
            yield str(key)
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)
    elif value is not None:
        yield str(value)


def load_raw(shared: Path, codes: set[str]) -> tuple[dict[str, Raw], set[str]]:
    """Raw records of `codes`, and every code that the sources know."""
    raw: dict[str, Raw] = {}
    known: set[str] = set()
    structured = shared / "data" / "structured-113" / "procedures_113.jsonl"
    for line in structured.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        code = record["Mã thủ tục:"]
        known.add(code)
        if code not in codes:
            continue
        entry = raw.setdefault(code, Raw())
        entry.origins.append("structured")
        entry.text += "\n".join(walk(record))
        decision = record.get("Số quyết định:") or ""
        papers = record["Thành phần hồ sơ:"]
        for group in papers.values() if isinstance(papers, dict) else []:
            for row in group:
                counted = re.search(r": ?[1-9]", row.get("Số lượng") or "")
                entry.rows.append((decision, clean(row.get("Tên giấy tờ") or ""), bool(counted)))
    for path in (shared / "data" / "national-portal-2026-07").glob("*/*.json"):
        known.add(path.stem)
        if path.stem not in codes:
            continue
        record = json.loads(path.read_text(encoding="utf-8"))
        entry = raw.setdefault(path.stem, Raw())
        entry.origins.append("portal")
        entry.text += "\n" + "\n".join(walk(record))
        decision = record.get("so_quyet_dinh") or ""
        entry.rows += [(decision, name, counted) for name, counted in crawl_rows(dossier_text(record))]
    for entry in raw.values():
        entry.close()
    return raw, known


def dossier_text(record: dict) -> str:
    """The dossier section; from the whole page where the crawler lost the table of its field."""
    own = clean(record.get("thanh_phan_ho_so") or "")
    if "Tên giấy tờMẫu đơn" in own:
        return own
    page = clean(record.get("raw_text") or "")
    _, _, after = page.partition("Cách Thức Thực Hiện")
    section, _, _ = after.partition("Căn cứ pháp lýTên văn bản")
    return section.partition("Thành phần hồ sơ")[2]


def crawl_rows(text: str) -> Iterator[tuple[str, bool]]:
    """(name, has a count) of the rows that the portal's page runs together."""
    start = 0
    for match in COUNT.finditer(text):
        if text[match.end() : match.end() + 1] in {" ", ")", ";", ",", "."}:  # "01 bản chính Giấy ...": part of a name
            continue
        name = text[start : match.start()]
        name = re.sub(r"^.*?Tên giấy tờMẫu đơn, tờ khaiSố lượng", "", name)
        start = match.end()
        if squeeze(name):
            yield name, match.group(1).strip("0") != "" or bool(match.group(3) and match.group(3).strip("0"))


def amount_in(amount: float, raw: Raw) -> bool:
    whole = str(int(amount)) if float(amount).is_integer() else str(amount)
    if whole in raw.numbers:
        return True
    forms = {f"{int(amount):,}", f"{int(amount):,}".replace(",", "."), whole}
    if amount % 1000 == 0:  # "135 VNĐ" beside nothing is quarantined elsewhere; words: "06 triệu", "50 nghìn"
        if amount % 1_000_000 == 0 and re.search(rf"(?<!\d)0?{int(amount) // 1_000_000} ?triệu", raw.text):
            return True
        if re.search(rf"(?<!\d)0?{int(amount) // 1000} ?(nghìn|ngàn)", raw.text):
            return True
    return any(form in raw.text for form in forms)


def time_in(value: float, unit: str | None, raw: Raw) -> bool:
    number = str(int(value)) if float(value).is_integer() else str(value).replace(".", "[.,]")
    word = UNIT_WORDS.get(unit or "", "")
    return bool(re.search(rf"(?<!\d)0*{number}(?: ?\([^)]*\))?[^\d]{{0,12}}{word}", raw.text, re.IGNORECASE)) or (
        # "từ 3 đến 5 ngày", "07 hoặc 10 ngày": the unit follows the second number
        bool(re.search(rf"(?<!\d)0*{number} ?(?:-|đến|hoặc|và) ?\d+[^\d]{{0,12}}{word}", raw.text, re.IGNORECASE))
    )


def date_in(iso: str, raw: Raw) -> bool:
    year, month, day = iso.split("-")
    loose = rf"(?<!\d)0?{int(day)}(?:[/.-]| tháng )0?{int(month)}(?:[/.-]| năm ){year}"
    return bool(re.search(loose, raw.text))


def texts(entry: dict) -> Iterator[tuple[str, str]]:
    """Every sentence of ours that may carry a number, with its place. Names and situations are free speech."""
    for key in ("name", "agency", "competent_agency", "receiving_address", "summary", "conditions", "dossier_sets"):
        if entry.get(key):
            yield key, entry[key]
    for key in ("steps", "tips"):
        for index, line in enumerate(entry.get(key) or []):
            yield f"{key}[{index}]", line
    for index, channel in enumerate(entry.get("channels") or []):
        for key in ("case", "time_text", "description", "note"):
            if channel.get(key):
                yield f"channels[{index}].{key}", channel[key]
        if (channel.get("time") or {}).get("note"):
            yield f"channels[{index}].time.note", channel["time"]["note"]
        for position, fee in enumerate(channel.get("fees") or []):
            for key in ("condition", "per", "place"):
                if fee.get(key):
                    yield f"channels[{index}].fees[{position}].{key}", fee[key]
    for index, paper in enumerate(entry.get("dossier") or []):
        for key in ("name", "group", "condition"):
            if paper.get(key):
                yield f"dossier[{index}].{key}", paper[key]
    for branch in entry.get("branches") or []:
        yield f"branches.{branch['id']}", branch["question"]
        for option in branch["options"]:
            yield f"branches.{branch['id']}.{option['id']}", option["label"]


def whens(entry: dict) -> Iterator[tuple[str, dict]]:
    for index, channel in enumerate(entry.get("channels") or []):
        yield f"channels[{index}]", channel.get("when") or {}
        for position, fee in enumerate(channel.get("fees") or []):
            yield f"channels[{index}].fees[{position}]", fee.get("when") or {}
    for index, paper in enumerate(entry.get("dossier") or []):
        yield f"dossier[{index}]", paper.get("when") or {}


def check_form(path: Path, entry: object) -> list[Finding]:
    """Schema, file name, branches: what needs no raw record."""
    found = [
        Finding(path.stem, "schema", "/".join(map(str, error.absolute_path)), error.message[:200])
        for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(entry)
    ]
    if found or not isinstance(entry, dict):
        return found or [Finding(path.stem, "schema", "", "not a mapping")]
    if entry["code"] != path.stem:
        found.append(Finding(path.stem, "file-name", str(path.name), entry["code"]))
    options = {branch["id"]: {option["id"] for option in branch["options"]} for branch in entry.get("branches") or []}
    used: set[str] = set()
    for where, when in whens(entry):
        for branch, chosen in when.items():
            used.add(branch)
            for option in chosen:
                if option not in options.get(branch, set()):
                    found.append(Finding(path.stem, "dead-branch", where, f"{branch}: {option}"))
    for branch in entry.get("branches") or []:
        if branch["id"] not in used and not any("procedure" in option for option in branch["options"]):
            found.append(Finding(path.stem, "idle-branch", branch["id"], branch["question"]))
    for index, channel in enumerate(entry["channels"]):
        for fee in channel.get("fees") or []:
            if fee.get("currency", "VND") == "VND" and 0 < fee.get("amount", 0) < 1000:
                found.append(Finding(path.stem, "amount-under-1000", f"channels[{index}]", str(fee["amount"])))
            if fee.get("amount") is not None and (fee.get("decided_by_council") or fee.get("exempt")):
                found.append(Finding(path.stem, "amount-and-no-amount", f"channels[{index}]", str(fee)))
    return found


def check_facts(entry: dict, raw: Raw, known: set[str]) -> list[Finding]:
    code = entry["code"]
    found: list[Finding] = []

    def miss(kind: str, where: str, value: object) -> None:
        found.append(Finding(code, kind, where, str(value)))

    for index, channel in enumerate(entry["channels"]):
        limit = channel.get("time") or {}
        for key in ("value", "maximum"):
            if limit.get(key) is not None and not time_in(limit[key], limit.get("unit"), raw):
                miss("time", f"channels[{index}].{key}", f"{limit[key]} {limit.get('unit')}")
        for position, fee in enumerate(channel.get("fees") or []):
            where = f"channels[{index}].fees[{position}]"
            if fee.get("amount") and not amount_in(fee["amount"], raw):
                miss("amount", where, fee["amount"])
            if fee.get("rate") and squeeze(fee["rate"]) not in raw.flat:
                miss("rate", where, fee["rate"])
            if fee.get("basis") and squeeze(fee["basis"]) not in raw.flat:
                miss("basis", where, fee["basis"])
            for key in ("valid_from", "valid_to"):
                if fee.get(key) and not date_in(fee[key], raw):
                    miss("date", f"{where}.{key}", fee[key])
    for index, paper in enumerate(entry.get("dossier") or []):
        if paper.get("form") and squeeze(paper["form"]) not in raw.flat:
            miss("form", f"dossier[{index}]", paper["form"])
    for document in entry.get("legal_basis") or []:
        if squeeze(document["number"]) not in raw.flat:
            miss("legal", "legal_basis", document["number"])
    for result in entry["results"]:
        if squeeze(result["name"]) not in raw.flat:
            miss("result", "results", result["name"])
        if result.get("code") and squeeze(result["code"]) not in raw.flat:
            miss("result-code", "results", result["code"])
    decision = entry["source"].get("decision")
    for number in re.split(r"[;,] ", decision or ""):
        if number and squeeze(number) not in raw.flat:
            miss("decision", "source.decision", number)
    if entry.get("online_level") and squeeze(entry["online_level"]) not in raw.flat:
        miss("online-level", "online_level", entry["online_level"])
    for key in ("agency", "competent_agency"):
        for part in re.split(r"; |, (?=[A-ZĐ])", entry.get(key) or ""):
            if part and squeeze(part) not in raw.flat:
                miss("agency", key, part)
    targets = list(entry.get("related") or [])
    targets += [o["procedure"] for b in entry.get("branches") or [] for o in b["options"] if "procedure" in o]
    for target in targets:
        if target not in known:
            miss("unknown-code", "related", target)
    for where, text in texts(entry):
        for number in NUMBER.findall(clean(text)):
            if plain(number) not in raw.numbers and number not in raw.text:
                miss("number", where, f"{number} · {text[:90]}")
    return found


def weights(raw: dict[str, Raw]) -> dict[str, float]:
    """Inverse document frequency of the words of all raw papers: 'giấy' says little, 'nhập cảnh' much. "": unseen."""
    rows = [set(words(row)) for entry in raw.values() for row in entry.papers]
    counts = Counter(word for row in rows for word in row)
    weight = {word: math.log((1 + len(rows)) / (1 + count)) + 0.2 for word, count in counts.items()}
    return weight | {"": max(weight.values(), default=1.0)}


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", clean(text).casefold()))


def likeness(row: str, own: str, weight: dict[str, float]) -> float:
    """0-100: weighted share of the words that both have, damped by what either has over (cosine of the word sets)."""
    left, right = set(words(row)), set(words(own))
    if not left or not right:
        return 0.0

    def mass(tokens: set[str]) -> float:
        return sum(weight.get(token, weight[""]) for token in tokens)

    return 100 * mass(left & right) / math.sqrt(mass(left) * mass(right))


def check_papers(entry: dict, raw: Raw, weight: dict[str, float], threshold: float) -> list[Finding]:
    """Raw rows with a count that no curated paper resembles.

    rapidfuzz's token_set_ratio calls a row covered as soon as its common words agree: with one paper removed from an
    entry, 30 % of 914 removals were noticed at its threshold 72. Together with the weighted likeness it is 48 % at 50,
    with no false alarm in 135 entries; the rest are papers that other cases of the same procedure also ask for.
    """
    ours = []
    for paper in entry.get("dossier") or []:
        ours.append(clean(paper["name"]))
        ours.append(clean(" ".join(paper.get(key) or "" for key in ("name", "condition", "form"))))
    letters = {squeeze(paper["name"]) for paper in entry.get("dossier") or []}
    found, seen = [], set()
    for row in raw.papers_under(entry["source"].get("decision")):
        name = re.sub(r"^[\s\-–+*.;]+", "", row)
        if len(squeeze(name)) < 6 or squeeze(name) in seen or HEADING.search(name) or NOTE.match(name):
            continue
        seen.add(squeeze(name))
        if squeeze(name).lstrip("0123456789") in letters:  # "(2) Điều l ệ;": letters torn apart, no word agrees
            continue
        head = " ".join(name.split()[:HEAD_WORDS])  # the paper itself; what follows explains
        best = 0.0
        for own, part in product(ours, (name, head)):
            best = max(best, min(likeness(part, own, weight), fuzz.token_set_ratio(part, own)))
            if best >= threshold:
                break
        if best < threshold:
            found.append(Finding(entry["code"], "paper", f"{best:.0f}", clean(row)[:220]))
    return found


def check_invented(entry: dict, raw: Raw, threshold: float) -> list[Finding]:
    """Curated papers that the source does not name: `threshold` percent of a name's words must stand close together.

    Close means: in one row of the dossier table, or within 80 words of the record (steps and conditions name papers too).
    """
    text = words(raw.text)
    places = [set(words(row)) for row in raw.papers + raw.notes]
    places += [set(text[start : start + 80]) for start in range(0, max(len(text) - 40, 1), 40)]
    found = []
    for index, paper in enumerate(entry.get("dossier") or []):
        own = set(words(paper["name"]))
        best = max((100 * len(own & place) / len(own) for place in places), default=0.0)
        if best < threshold:
            found.append(Finding(entry["code"], "paper-not-in-source", f"dossier[{index}] {best:.0f}", paper["name"][:160]))
    return found


def read_entry(path: Path) -> object:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def default_shared() -> Path:
    return Path(os.environ.get("MOTCUA_SHARED") or ROOT.parent / "shared")


def check_catalogue(
    shared: Path, codes: set[str] | None = None, threshold: float = 50.0
) -> tuple[list[dict], list[Finding]]:
    """(a row of counts for each entry, findings). Raises FileNotFoundError without the raw data."""
    entries: dict[str, dict] = {}
    found: list[Finding] = []
    for path in sorted(CATALOGUE.glob("*/*.yml")):
        if path.parent.name == "names" or (codes and path.stem not in codes):
            continue
        try:
            entry = read_entry(path)
        except yaml.YAMLError as error:
            found.append(Finding(path.stem, "yaml", str(path), str(error)[:200]))
            continue
        form = check_form(path, entry)
        found += form
        if path.stem in entries:
            found.append(Finding(path.stem, "twice", str(path), "another file has the same code"))
        if not any(finding.kind == "schema" for finding in form):
            entries[path.stem] = entry
    raw, known = load_raw(shared, set(entries))
    weight = weights(raw)
    rows = []
    for code, entry in entries.items():
        if code not in raw:
            found.append(Finding(code, "no-raw-record", "", "neither source has this code"))
            continue
        mine = check_facts(entry, raw[code], known) + check_papers(entry, raw[code], weight, threshold)
        mine += check_invented(entry, raw[code], INVENTED)
        found += mine
        rows.append(
            {
                "code": code,
                "name": entry["name"],
                "field": entry["field"],
                "origins": raw[code].origins,
                "papers": len(entry["dossier"]),
                "fees": sum(len(channel.get("fees") or []) for channel in entry["channels"]),
                "branches": len(entry.get("branches") or []),
                "findings": len(mine),
            }
        )
    return rows, found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codes", nargs="*", help="only these codes (default: all)")
    parser.add_argument("--shared", type=Path, default=default_shared(), help="folder with data/ (default: ../shared)")
    parser.add_argument("--papers", type=float, default=50.0, help="similarity from which a paper counts as covered")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "catalogue_check.json")
    options = parser.parse_args(arguments)
    if not (options.shared / "data").is_dir():
        print(f"no raw data in {options.shared}: give --shared or set MOTCUA_SHARED", file=sys.stderr)
        return 2
    rows, found = check_catalogue(options.shared, set(options.codes) or None, options.papers)
    print(f"{'code':<10}{'papers':>7}{'fees':>6}{'branches':>9}{'open':>6}  name")
    for row in rows:
        print(
            f"{row['code']:<10}{row['papers']:>7}{row['fees']:>6}{row['branches']:>9}{row['findings']:>6}"
            f"  {row['name'][:70]}"
        )
    for finding in found:
        print(f"{finding.code} {finding.kind:<12} {finding.where}: {finding.value}")
    branched = sum(1 for row in rows if row["branches"])
    print(f"{len(rows)} entries, {branched} with branches, {len(found)} findings")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"entries": rows, "findings": [asdict(finding) for finding in found], "paper_threshold": options.papers}
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
