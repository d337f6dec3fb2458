"""From the turns that benchmarks/evaluation.py played to docs/evaluation.md and its picture: counting and writing only.

A row is one turn: case, turn (0-based), file, style, kind, about ("procedure", "none", "other"), aspect (question type
expected, "" where none is), verdict (bot/judging.py), did (kind of answer), expected (codes, any is right), known (whether
the database has one), field (of the procedure expected), answered (codes), aspects (answered), sureness (0..1, or None),
candidates (codes of the linker, best first), code typed, plain (name of a plain search -> codes, best first).
"""

from __future__ import annotations

import io
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table
from rich.text import Text
from scipy.stats import binomtest

from bot.judging import NEAR, VERDICTS

Row = dict[str, Any]
DEPTHS = (1, 4, 10)
FEWEST = 3  # turns of a field that gets a line of its own
SHOWN = 15  # confusions listed
LONGEST_NAME = 110  # characters of an official name shown
PICTURE = "evaluation-calibration.svg"


# -- counting --------------------------------------------------------------------------------------


def grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    """Rows by key, most rows first, then by name; an empty key is left out."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if name := key(row):
            found[name].append(row)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def by_field(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by field of the procedure expected; fields with fewer than FEWEST turns are summed at the end."""
    all_fields = grouped(rows, lambda row: row["field"])
    found = {name: own for name, own in all_fields.items() if len(own) >= FEWEST}
    rest = [own for name, own in all_fields.items() if name not in found]
    if rest:
        found[f"{len(rest)} other fields"] = [row for own in rest for row in own]
    return found


def share(rows: Sequence[Row], verdict: str) -> float:
    """Share (0..1) of a verdict; 0.0 of no rows."""
    return sum(row["verdict"] == verdict for row in rows) / len(rows) if rows else 0.0


def interval(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval (0..1) of a share; all of few is less than certain."""
    found = binomtest(hits, n).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def first_messages(rows: Iterable[Row]) -> list[Row]:
    """What the linker decides alone: first messages about a procedure in which no code is typed."""
    return [row for row in rows if row["turn"] == 0 and row["about"] == "procedure" and not row["code typed"]]


def recall(rows: Sequence[Row], codes: Callable[[Row], list[str]] = lambda row: row["candidates"]) -> dict[int, float]:
    """Depth -> share of rows with a right code among that many first ones."""
    return {depth: sum(bool(set(codes(row)[:depth]) & set(row["expected"])) for row in rows) / max(1, len(rows)) for depth in DEPTHS}


def type_confusions(rows: Iterable[Row]) -> Counter:
    """(question type expected, first one answered) -> turns; types that a fair reader takes for one another are no confusion."""
    found: Counter = Counter()
    for row in rows:
        wanted = row["aspect"]
        if wanted and row["did"] == "answer" and row["aspects"] and not NEAR.get(wanted, {wanted}) & set(row["aspects"]):
            found[wanted, row["aspects"][0]] += 1
    return found


def procedure_confusions(rows: Iterable[Row]) -> Counter:
    """(first code expected, code answered) -> turns in which a wrong procedure was told."""
    found: Counter = Counter()
    for row in rows:
        if row["about"] == "procedure" and row["did"] == "answer" and row["answered"] and row["answered"][0] not in row["expected"]:
            found[row["expected"][0], row["answered"][0]] += 1
    return found


@dataclass(frozen=True)
class Bin:
    """Messages whose sureness lies in [low, low + 0.1): `said` is their mean sureness, `right` the share with a right first candidate."""

    low: float
    n: int
    said: float
    right: float


def calibration(rows: Iterable[Row]) -> list[Bin]:
    """By tenths of sureness, empty ones left out; 1.0 falls into the last. Nothing is right for a message about no procedure."""
    tenths: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for row in rows:
        sure = row["sureness"]
        if sure is not None:
            right = bool(set(row["candidates"][:1]) & set(row["expected"]))
            tenths[min(9, int(sure * 10 + 1e-9))].append((sure, right))
    return [Bin(tenth / 10, len(own), sum(s for s, _ in own) / len(own), sum(r for _, r in own) / len(own)) for tenth, own in sorted(tenths.items())]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance between said and right, weighted by messages."""
    return sum(one.n * abs(one.said - one.right) for one in bins) / max(1, sum(one.n for one in bins))


def curves(rows: Sequence[Row]) -> tuple[list[Bin], list[Bin]]:
    """(of first messages about a procedure, of these and those about none)."""
    linked = first_messages(rows)
    nowhere = [row for row in rows if row["turn"] == 0 and row["about"] == "none"]
    return calibration(linked), calibration([*linked, *nowhere])


@dataclass(frozen=True)
class Gain:
    """Turns played both ways: `lost` pass only with the part, `won` only without it."""

    n: int
    lost: int
    won: int

    def __str__(self) -> str:
        """Points, with twice the standard error of the difference; "0" where no turn differs, "-" where none was played."""
        if self.n and not self.lost and not self.won:
            return "0"
        return f"{100 * (self.lost - self.won) / self.n:+.1f} ± {200 * math.sqrt(self.lost + self.won) / self.n:.1f}" if self.n else "-"


def gain(whole: Iterable[Row], without: Iterable[Row]) -> Gain:
    passed = {(row["case"], row["turn"]): row["verdict"] == "pass" for row in whole}
    pairs = [(passed[key], row["verdict"] == "pass") for row in without if (key := (row["case"], row["turn"])) in passed]
    return Gain(len(pairs), sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs))


# -- writing ---------------------------------------------------------------------------------------


def table(head: Sequence[str], lines: Iterable[Sequence[Any]], words: int = 1) -> str:
    """A Markdown table; the first `words` columns hold words, the others figures, set to the right."""
    made = Table(box=MARKDOWN, pad_edge=True)
    for place, name in enumerate(head):
        made.add_column(Text(name), justify="left" if place < words else "right", no_wrap=True)
    for line in lines:
        made.add_row(*(Text(str(cell).replace("|", "\\|").replace("\n", " ")) for cell in line))
    out = io.StringIO()
    Console(file=out, width=2000, color_system=None, legacy_windows=False).print(made)
    return "\n".join(line.strip() for line in out.getvalue().splitlines() if line.strip())


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def between(borders: tuple[float, float]) -> str:
    return f"{100 * borders[0]:.0f}-{100 * borders[1]:.0f}"


def shortened(name: str) -> str:
    """An official name cut at a word where it is too long for a table."""
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME].rsplit(" ", 1)[0].rstrip(",;") + " …"


def verdict_table(what: str, groups: dict[str, list[Row]]) -> str:
    lines = []
    for name, rows in groups.items():
        passed = sum(row["verdict"] == "pass" for row in rows)
        lines.append([name, len(rows), percent(passed / len(rows)), between(interval(passed, len(rows))), *(percent(share(rows, verdict)) for verdict in VERDICTS[1:])])
    return table([what, "turns", "pass %", "95 %", *(f"{verdict} %" for verdict in VERDICTS[1:])], lines)


def conversations_passed(rows: Iterable[Row]) -> tuple[int, int]:
    """(conversations in which every turn passed, conversations)."""
    whole = grouped(rows, lambda row: row["case"])
    return sum(all(row["verdict"] == "pass" for row in own) for own in whole.values()), len(whole)


def _confusions(rows: Sequence[Row], names: dict[str, str]) -> list[str]:
    types, procedures = type_confusions(rows), procedure_confusions(rows)
    text = ["### Confused question types", ""]
    text += [table(["expected", "answered", "turns"], [[a, b, n] for (a, b), n in types.most_common(SHOWN)], 2) if types else "None.", ""]
    told = sum(procedures.values())
    text += ["### Confused procedures", "", f"A wrong procedure was told in {told} turns." + (f" The commonest {SHOWN} of {len(procedures)} pairs:" if len(procedures) > SHOWN else ""), ""]

    def name(code: str) -> str:
        return shortened(names.get(code, "(not in the database)"))

    ranked = sorted(procedures.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    return [*text, table(["expected", "official name", "told", "official name", "turns"], [[a, name(a), b, name(b), n] for (a, b), n in ranked], 4) if ranked else "None.", ""]


def _linker(rows: Sequence[Row]) -> list[str]:
    linked = first_messages(rows)
    plain = list(linked[0]["plain"]) if linked else []
    lines = [["the linker", *(percent(value) for value in recall(linked).values())]]
    for way in plain:
        lines.append([way, *(percent(value) for value in recall(linked, lambda row, way=way: row["plain"].get(way, [])).values())])
    missing = sum(not row["known"] for row in linked)
    gone = f" {missing} of them are about a procedure that the database does not have." if missing else ""
    return ["### Linker", "", f"{len(linked)} first messages about a procedure, those with a typed code left out.{gone}", "", table(["ranked by", *(f"R@{depth} %" for depth in DEPTHS)], lines), ""]


def _calibration(rows: Sequence[Row]) -> list[str]:
    about, everything = curves(rows)
    shown = {one.low: one for one in about}
    lines = []
    for one in everything:
        own = shown.get(one.low)
        lines.append([f"{one.low:.1f}-{one.low + 0.1:.1f}", one.n, f"{one.said:.2f}", f"{one.right:.2f}", *((own.n, f"{own.said:.2f}", f"{own.right:.2f}") if own else (0, "-", "-"))])
    said = f"Mean distance of said and right: {calibration_error(everything):.3f} over all, {calibration_error(about):.3f} over messages about a procedure."
    head = ["sureness", "all", "said", "right", "about a procedure", "said", "right"]
    return ["### Calibration", "", said, "", table(head, lines), ""]


def _ablation(runs: dict[str, list[Row]], parts: dict[str, str]) -> list[str]:
    whole = runs[""]

    def line(name: str, rows: Sequence[Row]) -> list[str]:
        cells = [name]
        for chosen in ([row for row in rows if row["turn"] == 0], [row for row in rows if row["turn"]]):
            cells += [percent(share(chosen, "pass")), percent(share(chosen, "wrong"))] if chosen else ["-", "-"]
        return cells

    lines = [[*line("nothing", whole), *(percent(v) for v in recall(first_messages(whole)).values()), "", "", ""]]
    for part in parts:
        told = gain(whole, runs[part])
        lines.append([*line(part, runs[part]), *(percent(v) for v in recall(first_messages(runs[part])).values()), told.lost, told.won, str(told)])
    head = ["switched off", "first: pass %", "first: wrong %", "later: pass %", "later: wrong %", *(f"R@{depth} %" for depth in DEPTHS), "lost", "won", "gain"]
    text = ["### What each part gains", "", table(head, lines), "", "Gain in points of passed turns, by style:", ""]
    styles = grouped(whole, lambda row: row["style"])
    gains = [[style, len(own), *(str(gain(own, runs[part])) for part in parts)] for style, own in styles.items()]
    return [*text, table(["style", "turns", *parts], gains), ""]


def _run(run: dict[str, Any], sets: dict[str, dict[str, list[Row]]]) -> list[str]:
    counts = ", ".join(f"{name.removeprefix('procedures:')} {number}" for name, number in run["counts"].items())
    files = [[name, file, conversations_passed(rows)[1], len(rows)] for name, runs in sets.items() for file, rows in grouped(runs[""], lambda row: row["file"]).items()]
    return [
        "## What was run",
        "",
        f"- Date: {run['date']}. Revision: {run['revision']}. It took {run['seconds']} s.",
        f"- Model: `{run['model']}`, sha256 `{run['digest']}`. Training data and code have the fingerprint `{run['fingerprint']}`"
        + ("." if run["fingerprint"] in run["model"] else "; the name of the model does not say that it was trained from these."),
        f"- Database ({run['database']}): {run['procedures']} procedures, {run['described']} of them with details. Rows by origin: {counts}.",
        "- Cases:",
        "",
        table(["set", "file", "conversations", "turns"], files, 2),
        "",
    ]


INTRODUCTION = """# Evaluation

Generated by `python -m benchmarks.evaluation`. Do not edit by hand. How cases are written and judged, and what the
verdicts mean: [evaluation-how.md](evaluation-how.md). "95 %" is the interval in which the true share of passes lies
with that chance (Wilson); turns of one conversation are not independent, so it is rather too narrow. Small groups say
little. No sentence of a case is shown here: names are official names of procedures, cut where they are long. Where
several procedures are fair, the first one stands for them.
"""
SAMPLES_APART = """Each set is reported apart. Cases of the repository are in `tests/cases`. The shared samples, where they were played, are
not in the repository: they stand in `../shared/cases` beside it. Without them the report has one set less.
"""
ABOUT_CALIBRATION = """The linker says how sure it is that its first candidate is the right procedure. First messages only. "All" also holds
messages about no procedure (declined, or answered by a document), for which no candidate is right. How many of those
stand among the cases is the choice of who wrote them, so the truth for real messages lies between the two curves.
"""
ABOUT_ABLATION = """Each part is switched off alone, in the same process, with the same model. Nothing is trained anew without it: a ranker
that learned to rely on a part misses it more than one that never had it. "Lost" are turns that pass only with the part,
"won" those that pass only without it. The gain is their difference in points of all turns played, with twice its standard
error: a gain smaller than that is noise. Asking is worth its wrong answers avoided: look at "wrong", not at passes. Later messages are the second and further turns of a conversation.
"""


def report(result: dict[str, Any]) -> str:
    """The document. `result`: run, parts (name -> what happens without it), names (code -> official name), sets (name -> switched off -> rows)."""
    text = [INTRODUCTION, *_run(result["run"], result["sets"]), SAMPLES_APART]
    text += ["## How to read the calibration", "", ABOUT_CALIBRATION, f"![Said sureness against the share that is right]({PICTURE})", ""]
    if result["parts"]:
        text += ["## What was switched off", "", ABOUT_ABLATION, *(f"- **{name}**: {what}." for name, what in result["parts"].items()), ""]
    for name, runs in result["sets"].items():
        rows = runs[""]
        good, all_of_them = conversations_passed(rows)
        text += [f"## Results: {name}", "", f"{good} of {all_of_them} conversations pass in every turn.", ""]
        text += ["### Verdicts", "", verdict_table("file", {"all": rows, **grouped(rows, lambda row: row["file"])}), ""]
        text += ["### By style", "", verdict_table("style", grouped(rows, lambda row: row["style"])), ""]
        text += ["### By question type expected", "", verdict_table("question type", grouped(rows, lambda row: row["aspect"])), ""]
        if kinds := grouped(rows, lambda row: row["kind"]):
            text += ["### By kind of case", "", verdict_table("kind", kinds), ""]
        text += ["### By field of the procedure expected", "", verdict_table("field", by_field(rows)), ""]
        text += [*_confusions(rows, result["names"]), *_linker(rows), *_calibration(rows)]
        if result["parts"]:
            text += _ablation(runs, result["parts"])
    return "\n".join(text).rstrip() + "\n"


# -- the picture -----------------------------------------------------------------------------------

INK, BLUE, ORANGE = "#767676", "#2f7de0", "#d9822b"  # readable on white and on black


def calibration_svg(sets: dict[str, list[Row]]) -> str:
    """Said sureness against the share right (strokes: 95 %), one panel a set, the messages of each tenth below. Transparent."""
    import matplotlib
    from matplotlib.figure import Figure

    style = {"svg.fonttype": "none", "svg.hashsalt": "motcua", "font.size": 10, "font.family": "sans-serif"}
    style |= dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK)
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(4.6 * max(1, len(sets)), 5.2))
        panels = figure.subplots(2, max(1, len(sets)), sharex=True, squeeze=False, gridspec_kw={"height_ratios": [3, 1], "hspace": 0.12, "wspace": 0.25})
        for (upper, lower), (name, rows) in zip(panels.T, sets.items(), strict=False):
            about, everything = curves(rows)
            upper.plot([0, 1], [0, 1], color=INK, linestyle=":", linewidth=1)
            for bins, colour, marker, label in ((about, BLUE, "o", "about a procedure"), (everything, ORANGE, "s", "all, also about none")):
                for one in bins:
                    upper.plot([one.said] * 2, interval(round(one.right * one.n), one.n), color=colour, alpha=0.35, linewidth=2)
                upper.plot([one.said for one in bins], [one.right for one in bins], color=colour, marker=marker, markersize=5, label=f"{label} (n {sum(one.n for one in bins)})")
            upper.set_title(name, pad=36)
            upper.set(xlim=(0, 1), ylim=(0, 1.03))
            upper.set_ylabel("share right")
            upper.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=9, borderaxespad=0)
            for bins, colour, width in ((everything, ORANGE, 0.08), (about, BLUE, 0.05)):
                lower.bar([one.low + 0.05 for one in bins], [one.n for one in bins], width=width, color=colour)
            for one in everything:
                lower.text(one.low + 0.05, one.n, str(one.n), ha="center", va="bottom", fontsize=8)
            lower.set_xlabel("sureness said by the linker")
            lower.set_ylabel("messages")
            lower.margins(y=0.2)
            for axes in (upper, lower):
                axes.patch.set_alpha(0)
                axes.grid(color=INK, alpha=0.25, linewidth=0.5)
                axes.spines["top"].set_visible(False)
                axes.spines["right"].set_visible(False)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    drawn = out.getvalue().replace("'sans-serif'", "Helvetica, Arial, sans-serif")  # quoted it names no font
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"
