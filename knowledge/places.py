"""Places of Viet Nam since 1 July 2025: 34 provinces, communes below them, no district level.

`find_place` reads a name or an address, old or new, and says what it is now; a name that became several, or that
several places bear, gives choices to ask back with. `competent_place` says at which office of a level to file.
Data: vietnam-provinces (the new names) and the mapping of underthesea's `convert_address` (the old ones), both read as
files: importing underthesea takes seconds, and its function names one commune where the old one was divided.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import yaml

REFORM = dt.date(2025, 7, 1)  # Nghị quyết 202/2025/QH15 and the end of the district level
MOST_CHOICES = 40
Level = Literal["province", "district", "commune"]


@dataclass(frozen=True, order=True)
class Place:
    """A province (`commune` None) or a commune of today, with official names ("Phường Sài Gòn", "Thành phố Hồ Chí Minh")."""

    province: str
    commune: str | None = None

    @property
    def name(self) -> str:
        return f"{self.commune}, {self.province}" if self.commune else self.province


@dataclass(frozen=True)
class PlaceMatch:
    """What a text names. `places`: what it is today; more than one: ask which, none: the name is known, its heir is not.

    level: what was named ("district" only for a unit that no longer exists). said: the words of the text that name it.
    old: its full old name when the name is no longer in use. note: what a reader should be told, in Vietnamese.
    """

    level: Level
    said: str
    places: tuple[Place, ...]
    old: str | None = None
    note: str | None = None

    @property
    def ambiguous(self) -> bool:
        return len(self.places) > 1

    @property
    def place(self) -> Place | None:
        """The one place, when there is no choice."""
        return self.places[0] if len(self.places) == 1 else None

    @property
    def province(self) -> str | None:
        """The province of today when all choices lie in one."""
        names = {place.province for place in self.places}
        return names.pop() if len(names) == 1 else None


@dataclass(frozen=True)
class CompetentPlace:
    """At which office: `name` when certain, else `choices` to ask with; `level`: bộ, tỉnh or xã as it holds on the day."""

    level: str
    name: str | None
    choices: tuple[str, ...] = ()
    note: str | None = None


# -- names ---------------------------------------------------------------------------------------

_OLD_TONE = re.compile(r"(o[aàáảãạ]|o[eèéẻẽẹ]|u[yỳýỷỹỵ])(?![a-zà-ỹ])")
_SHIFT = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa", "oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe",
    "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
SHORT_KINDS = {"q": "quận", "p": "phường", "h": "huyện", "x": "xã", "tx": "thị xã", "tt": "thị trấn", "tp": "thành phố", "t": "tỉnh", "đk": "đặc khu"}
_NUMBERED = re.compile(r"\b([qp])\.?\s*(\d+)\b")
_DOTTED = re.compile(r"\b(q|p|h|x|tx|tt|tp|đk)\.\s*(?=\w)")
UNIT_KIND = re.compile(r"^(?:tỉnh|thành phố|quận|huyện|thị xã|phường|xã|thị trấn|đặc khu)\s+")


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """'Xã  Hoà–Bình' -> 'xã hòa bình': one spelling of the tone, single spaces, no punctuation, digits without zeros."""
    text = unicodedata.normalize("NFC", text).casefold()
    text = _OLD_TONE.sub(lambda found: _SHIFT.get(found[0], found[0]), text)
    text = _NUMBERED.sub(lambda found: f"{SHORT_KINDS[found[1]]} {found[2]}", text)
    if "." in text:
        text = re.sub(r"\bt\.\s?p\b\.?", "thành phố ", text)
        text = _DOTTED.sub(lambda found: SHORT_KINDS[found[1]] + " ", text)
    words = re.findall(r"[^\W_]+", text)
    words = [SHORT_KINDS[word] if word in ("tp", "tx", "tt") and number + 1 < len(words) else word for number, word in enumerate(words)]
    return " ".join(str(int(word)) if word.isdigit() else word for word in " ".join(words).split())


@lru_cache(maxsize=40_000)
def fold_name(text: str) -> str:
    text = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def _title(name: str) -> str:
    """One spelling of an official name: single spaces, short dash, and the tone as most names here have it."""
    name = " ".join(unicodedata.normalize("NFC", name).replace("–", "-").split())
    return re.sub(r"\w+", lambda word: _shifted(word[0]), name) if _OLD_TONE.search(name.casefold()) else name


def _shifted(word: str) -> str:
    found = _OLD_TONE.search(word.casefold())
    if not found or found[0] not in _SHIFT:
        return word
    return word[: found.start()] + "".join(b.upper() if a.isupper() else b for a, b in zip(word[found.start() :], _SHIFT[found[0]], strict=True))


# -- data ----------------------------------------------------------------------------------------


class PlaceIndex:
    """All names by their folded form; a value keeps the accented form, so that accents in a text count."""

    def __init__(self) -> None:
        self.provinces: dict[str, set[tuple[str, str]]] = defaultdict(set)  # fold -> (plain, old or new short name)
        self.heir: dict[str, str] = {}  # old short name -> province of today
        self.old_full: dict[str, str] = {}
        self.old_key: dict[str, str] = {}
        self.districts: dict[str, set[tuple[str, str, str]]] = defaultdict(set)  # fold -> (plain, district, old province)
        self.parts: dict[tuple[str, str], set[Place]] = defaultdict(set)  # (district, old province) -> communes of today
        self.old: dict[str, set[tuple[str, str, str, str, Place]]] = defaultdict(set)  # fold -> (plain, commune, district, old province, today)
        self.new: dict[str, set[tuple[str, Place]]] = defaultdict(set)
        self.bare: dict[str, set[str]] = defaultdict(set)  # fold without its kind -> folds with it
        self.communes: set[Place] = set()
        self.longest = 1
        self._read()

    def _read(self) -> None:
        folder = Path(find_spec("vietnam_provinces").submodule_search_locations[0]) / "data"
        divisions = json.loads((folder / "nested-divisions.json").read_text(encoding="utf-8"))
        today = {}
        for province in divisions:
            full = _title(province["name"])
            full = full if full.startswith("Thành phố") else f"Tỉnh {full}"
            today[plain(full)] = full
            self._province(full, _bare(full), full)
            for ward in province["wards"]:
                place = Place(full, _title(ward["name"]))
                self.communes.add(place)
                self._name(self.new, plain(place.commune), (plain(place.commune), place))
        mapping = Path(find_spec("underthesea").submodule_search_locations[0]) / "address" / "data" / "mapping.json"
        data = json.loads(mapping.read_text(encoding="utf-8"))
        names, heirs = data["old_province_names"], data["province_names"]
        old_short = {}
        for key, new_key in data["province_mapping"].items():
            full, heir = _title(names[key]["name"]), today[plain(heirs[new_key]["name"])]
            old_short[key] = _bare(full)
            self._province(full, old_short[key], heir)
        by_spelling = {(plain(place.province), plain(place.commune)): place for place in self.communes}
        seen: dict[tuple, tuple[str, str]] = {}
        for row in data["ward_mapping"]:
            heir = today[plain(heirs[row["new_province_key"]]["name"])]
            province = old_short[row["old_province_key"]]
            key = (row["old_district"], row["old_ward"], row["new_ward"])
            if key not in seen:
                seen[key] = tuple(plain(part) for part in key)
            _, old_ward, new_ward = seen[key]
            district, commune = _title(row["old_district"]), _title(row["old_ward"])
            place = by_spelling.get((plain(heir), new_ward)) if new_ward else self._special_zone(heir, district)
            if not place:
                continue
            if (district, province) not in self.parts:
                self._name(self.districts, plain(district), (plain(district), district, province))
            self.parts[district, province].add(place)
            if commune:
                self._name(self.old, old_ward, (old_ward, commune, district, province, place))
        for written, short in (yaml.safe_load((Path(__file__).with_suffix(".yml")).read_text(encoding="utf-8")) or {}).items():
            self.provinces[fold_name(plain(written))].add((plain(written), short))

    def _special_zone(self, province: str, district: str) -> Place | None:
        """Districts without communes (islands) became special zones of the same name."""
        wanted = f"đặc khu {plain(_bare(district))}"
        return next((place for place in self.communes if place.province == province and plain(place.commune) == wanted), None)

    def _province(self, full: str, short: str, heir: str) -> None:
        self.heir.setdefault(short, heir)
        self.old_full.setdefault(short, full)
        for name in (plain(full), plain(short)):
            self.provinces[fold_name(name)].add((name, short))
            self.longest = max(self.longest, len(name.split()))

    def _name(self, table: dict, name: str, value: tuple) -> None:
        fold = fold_name(name)
        table[fold].add(value)
        self.longest = max(self.longest, len(fold.split()))
        self.bare[fold_name(UNIT_KIND.sub("", name))].add(fold)


def _bare(name: str) -> str:
    """'Tỉnh Bình Dương' -> 'Bình Dương'."""
    return re.sub(r"^(?:Tỉnh|Thành phố|Quận|Huyện|Thị xã|Phường|Xã|Thị trấn|Đặc khu)\s+", "", name)


@lru_cache(maxsize=1)
def place_index() -> PlaceIndex:
    return PlaceIndex()


def provinces() -> tuple[str, ...]:
    """The 34 provinces and cities of today."""
    return tuple(sorted(set(place_index().heir.values())))


def communes(province: str) -> tuple[str, ...]:
    """The communes of a province of today (official name)."""
    return tuple(sorted(place.commune for place in place_index().communes if place.province == province))


# -- finding -------------------------------------------------------------------------------------


def find_place(text: str) -> PlaceMatch | None:
    """The most exact place that a name, an address or a sentence names; None when it names none.

    Communes and districts count in a sentence only with their kind before them ("xã", "quận", "q1"); alone they are
    found when the whole text is the name. Accents in the text must fit; a text without accents fits all.
    """
    index = place_index()
    words = plain(text).split()
    if not words or len(words) > 400:
        return None
    found = _scan(index, words)
    if not found and len(words) <= 6:
        said = " ".join(words)
        found = _alone(index, said) or _alone(index, UNIT_KIND.sub("", said))  # "thị xã Dĩ An" was a city
    return resolve_place(index, found) if found else None


def resolve_place(index: PlaceIndex, found: dict[str, tuple[str, set]]) -> PlaceMatch | None:
    """What the names found (at most one of a kind: old, new, district, province) say together."""
    province = found.get("province")
    named = {short for _, short in province[1]} if province else None
    district = found.get("district")
    if district and named is not None:
        fitting = {one for one in district[1] if _in_province(index, one[2], named)}
        district = (district[0], fitting) if fitting else None
    if "old" in found or "new" in found:
        match = _commune(index, found, district, named)
        if match:
            return match
    if district:
        return _district(index, district)
    return _province(index, province) if province else None


def _in_province(index: PlaceIndex, old: str, named: set[str]) -> bool:
    """True when an old province is the one named, or became part of it."""
    return old in named or any(index.heir[old] == index.heir[name] and index.heir[name] == index.old_full.get(name) for name in named)


def _fits(said: str, name: str) -> bool:
    """Each word as it is, or written without accents: "khanh hòa" is Khánh Hòa, "hòa binh" is not Hoa Bình."""
    return said == name or all(one in (other, fold_name(other)) for one, other in zip(said.split(), name.split(), strict=False))


def _scan(index: PlaceIndex, words: list[str]) -> dict[str, tuple[str, set]]:
    found: dict[str, tuple[str, set]] = {}
    start = 0
    while start < len(words):
        for size in range(min(index.longest, len(words) - start), 0, -1):
            said = " ".join(words[start : start + size])
            if size > 1 and words[start] in ("q", "p", "h", "x"):
                said = f"{SHORT_KINDS[words[start]]}{said[1:]}"
            fold = fold_name(said)
            hits = {
                kind: {one for one in table[fold] if _fits(said, one[0])}
                for kind, table in (("old", index.old), ("new", index.new), ("district", index.districts), ("province", index.provinces))
                if fold in table and kind not in found
            }
            hits = {kind: ones for kind, ones in hits.items() if ones}
            if "province" in hits and len(said) <= 2 and len(words) > 4:
                hits.pop("province")  # "hn", "sg" in a long sentence may be anything
            if hits:
                found.update({kind: (said, ones) for kind, ones in hits.items()})
                start += size - 1
                break
        start += 1
    return found


def _alone(index: PlaceIndex, said: str) -> dict[str, tuple[str, set]]:
    found: dict[str, tuple[str, set]] = {}
    for fold in index.bare.get(fold_name(said), ()):
        for kind, table in (("old", index.old), ("new", index.new), ("district", index.districts)):
            ones = {one for one in table.get(fold, ()) if _fits(said, UNIT_KIND.sub("", one[0]))}
            if ones:
                found[kind] = (said, found.get(kind, (said, set()))[1] | ones)
    if "district" in found:  # the larger unit is what people mean by a bare name
        found.pop("old", None)
        found.pop("new", None)
    return found


def _commune(index: PlaceIndex, found: dict, district: tuple | None, named: set[str] | None) -> PlaceMatch | None:
    said = (found.get("old") or found.get("new"))[0]
    olds = set(found.get("old", ("", set()))[1])
    news = {place for _, place in found.get("new", ("", set()))[1]}
    if named is not None:
        olds = {one for one in olds if _in_province(index, one[3], named)}
        heirs = {index.heir[name] for name in named}
        news = {place for place in news if place.province in heirs}
    if district:
        units = {(one[1], one[2]) for one in district[1]}
        olds = {one for one in olds if (one[2], one[3]) in units}
        # an address with a district is an old one
        news = set() if olds else {place for place in news if any(place in index.parts[unit] for unit in units)}
    places = {one[4] for one in olds} | news
    if not places:
        return None
    gone = {(one[1], one[2], one[3]) for one in olds}
    old, note = None, None
    if len(gone) == 1 and places != news:
        commune, unit, province = next(iter(gone))
        old = f"{commune}, {unit}, {index.old_full[province]}"
        heirs = "; ".join(place.name for place in sorted(places))
        note = f"{old} (trước 1/7/2025) nay thuộc {heirs}." if len(places) == 1 else f"{old} (trước 1/7/2025) đã chia về nhiều nơi: {heirs}."
    elif len(places) > 1:
        note = f"Có nhiều nơi cùng tên “{said}”; cần biết tỉnh, thành phố (hoặc quận, huyện cũ)."
    return PlaceMatch("commune", said, tuple(sorted(places)), old, note)


def _district(index: PlaceIndex, district: tuple[str, set]) -> PlaceMatch:
    said, ones = district
    if len(ones) > 1:
        places = {Place(index.heir[province]) for _, _, province in ones}
        if len(places) > 1:
            return PlaceMatch("district", said, tuple(sorted(places)), None, f"Trước 1/7/2025 có nhiều nơi tên “{said}”; cần biết tỉnh, thành phố nào.")
    units = sorted((name, province) for _, name, province in ones)
    places = tuple(sorted(set().union(*(index.parts[unit] for unit in units))))
    old = f"{units[0][0]}, {index.old_full[units[0][1]]}"
    return PlaceMatch(
        "district", said, places, old,
        f"Từ 1/7/2025 không còn cấp huyện; {old} cũ nay thuộc {len(places)} xã, phường, đặc khu của {index.heir[units[0][1]]}.",
    )  # fmt: skip


def _province(index: PlaceIndex, province: tuple[str, set]) -> PlaceMatch:
    said, ones = province
    shorts = sorted({short for _, short in ones})
    places = tuple(sorted({Place(index.heir[short]) for short in shorts}))
    full = index.old_full[shorts[0]]
    changed = len(shorts) == 1 and _bare(places[0].province) != shorts[0]
    note = f"{full} cũ nay thuộc {places[0].province} (từ 1/7/2025)." if changed else None
    return PlaceMatch("province", said, places, full if changed else None, note)


# -- where to file -------------------------------------------------------------------------------


def competent_place(level: str, place: PlaceMatch | Place | None, day: dt.date) -> CompetentPlace:
    """The unit of a level ("bộ", "tỉnh", "huyện", "xã") where a person of `place` files on a day.

    From 1 July 2025 there is no district: what a source calls "cấp huyện" is then told as commune or province, never as
    a district office. Choices are given when the commune is not known for certain. Raises ValueError for another level.
    """
    if level not in ("bộ", "tỉnh", "huyện", "xã", "khác"):
        raise ValueError(f"không có cấp {level!r}")
    note = None
    if level == "huyện":
        if day < REFORM:
            old = place.old if isinstance(place, PlaceMatch) and place.level != "province" else None
            return CompetentPlace("huyện", old.split(", ", 1)[-1] if old and place.level == "commune" else old)
        level, note = "xã", "Từ 1/7/2025 không còn cấp huyện: việc trước đây nộp ở quận, huyện nay nộp ở cấp xã hoặc cấp tỉnh."
    if level in ("bộ", "khác") or place is None:
        return CompetentPlace(level, None, (), note)
    if day < REFORM:
        return CompetentPlace(level, _before(level, place))
    places = (place,) if isinstance(place, Place) else place.places
    note = note or (place.note if isinstance(place, PlaceMatch) else None)
    if level == "tỉnh":
        names = tuple(sorted({one.province for one in places}))
    else:
        names = tuple(one.name for one in places if one.commune)
        if not names:
            return CompetentPlace(level, None, (), note or "Cần biết xã, phường nơi bạn ở.")
    if len(names) == 1:
        return CompetentPlace(level, names[0], (), note)
    return CompetentPlace(level, None, names[:MOST_CHOICES], note)


def _before(level: str, place: PlaceMatch | Place) -> str | None:
    """The province or commune as it was before the reform; None where the words name a unit of today only."""
    old = place.old if isinstance(place, PlaceMatch) else None
    if level == "tỉnh":
        if old:
            return old.rsplit(", ", 1)[-1]
        province = place.province
        return province if province and list(place_index().heir.values()).count(province) == 1 else None
    return old if isinstance(place, PlaceMatch) and place.level == "commune" else None


# -- where all this comes from -------------------------------------------------------------------


@dataclass(frozen=True)
class DataSource:
    """The data behind the names, and the resolution that they follow."""

    document: str
    number: str
    date: str  # ISO, of the resolution
    url: str


@lru_cache(maxsize=1)
def data_source() -> DataSource:
    """Both packages with their versions. The communes follow a resolution for each province, which the data do not name."""
    return DataSource(
        f"Danh mục đơn vị hành chính từ 1/7/2025 (dữ liệu vietnam-provinces {version('vietnam-provinces')}; "
        f"tên cũ sang tên mới: underthesea {version('underthesea')}), theo Nghị quyết của Quốc hội về sắp xếp đơn vị hành chính cấp tỉnh",
        "202/2025/QH15", "2025-06-12", "https://github.com/sunshine-tech/VietnamProvinces",
    )  # fmt: skip
