"""Nơi nộp ở chỗ người hỏi: the office of each level at today's place, when the message names a place, old or new."""

from __future__ import annotations

import re

from actions.answer import Answer, Line, Source
from actions.place_reply import ASKED
from actions.topic import Topic
from knowledge.place_mentions import told_places
from knowledge.places import REFORM, CompetentPlace, PlaceMatch, competent_place, data_source

MOST_PLACES = 2  # of one message
MOST_NAMED = 6  # choices named when asking back
LABELS = {"tỉnh": "Cấp tỉnh", "huyện": "Cấp huyện", "xã": "Cấp xã"}
# Since 1 July 2025 there is no district level; a text that names one is out of date.
DISTRICT = re.compile(r"cấp huyện|UBND huyện|Ủy ban nhân dân (?:cấp )?huyện|quận, huyện", re.IGNORECASE)
CENTRE = "Trung tâm Phục vụ hành chính công"  # receives for the committee where the source says so
_COMMITTEE = re.compile(r"(?:Ủy|Uỷ) ban nhân dân|UBND", re.IGNORECASE)
_PART = re.compile(r";\s*|,\s+(?=[A-ZĐÂĂÊÔƠƯÁÀẢÃẠÚÙỦŨỤ])")
# An agency of "any" unit of a level, as sources write it: the unit's name can stand in for these words, and nothing else follows.
_OF_LEVEL = {
    "xã": re.compile(r"(?P<office>.+?)\s+(?:cấp xã|(?:các )?xã, phường(?:, (?:thị trấn|đặc khu))?)\.?", re.IGNORECASE),
    "tỉnh": re.compile(r"(?P<office>.+?)\s+(?:cấp tỉnh|(?:các )?tỉnh(?:, thành phố)?(?: trực thuộc Trung ương)?)\.?|(?P<alone>Sở [^;,]+?)\.?", re.IGNORECASE),
    "huyện": re.compile(r"(?P<office>.+?)\s+(?:cấp huyện|quận, huyện)\.?", re.IGNORECASE),
}


def lines(topic: Topic, answer: Answer) -> list[Line]:
    """What the places of the message mean for this procedure; nothing for a message without a place."""
    matches = told_places(topic.question)[:MOST_PLACES]
    if not matches:
        return []
    data = data_source()
    source = answer.add_source(Source(data.document, data.number, date=data.date, url=data.url, origin="places"))
    said: list[tuple[str, str]] = []
    for match in matches:
        said += _of_place(topic, match)
    return [
        Line(text, "note", source, topic.code + ASKED) if kind == "question" else Line(text, kind, source, f"{topic.code}/places/where/{number}")
        for number, (text, kind) in enumerate(dict.fromkeys(said))
    ]


def _of_place(topic: Topic, match: PlaceMatch) -> list[tuple[str, str]]:
    """(text, kind of line or "question"): what the name is today, an office a level, one question where a choice is left."""
    result = [(text, "fact")] if (text := _today(match, topic)) else []
    open_ones: list[CompetentPlace] = []
    levels = _levels(topic)
    for level in levels:
        told = competent_place(level, match, topic.day)
        if told.name:
            offices = " hoặc ".join(f"{office} {told.name}" for office in _offices(topic, level))
            result.append((f"{LABELS[told.level]}: {'nộp tại ' if offices and len(levels) == 1 else ''}{offices or told.name}", "item"))
        else:
            open_ones.append(told)
    if len(levels) > 1 and any(kind == "item" for _, kind in result):
        result.append(("Cấp nào nhận hồ sơ còn tùy trường hợp của bạn, xem cách nộp dưới đây.", "note"))
    if open_ones and (text := _question(open_ones, match, topic)):
        result.append((text, "question"))
    return result


def _today(match: PlaceMatch, topic: Topic) -> str | None:
    """"Phường Bến Nghé (Quận 1) nay là Phường Sài Gòn, Thành phố Hồ Chí Minh."; None where the name is in use as it is."""
    if topic.day < REFORM or not match.old:
        return None
    if match.level != "commune":
        return match.note
    commune, district, province = match.old.split(", ", 2)
    under = district if {province} == {place.province for place in match.places} else f"{district}, {province} cũ"
    if match.place:
        return f"{commune} ({under}) nay là {match.place.name} (từ 1/7/2025)."
    return f"{commune} ({under}) từ 1/7/2025 đã chia về {len(match.places)} nơi."


def _levels(topic: Topic) -> list[str]:
    """The levels that do this procedure, as its first layer with any says; the district's where only that is named."""
    levels = [level for level in ("tỉnh", "xã") if level in next((layer.levels for layer in topic.layers if layer.levels), [])]
    if "xã" not in levels and any(DISTRICT.search(text) for text in _agencies(topic)):
        levels.append("huyện")
    # Where the source names the agency of some level, the others only take part ("Bảo hiểm xã hội cấp tỉnh", levels bộ, tỉnh, xã).
    return [level for level in levels or ("tỉnh", "xã") if _offices(topic, level)] or levels


def _agencies(topic: Topic) -> list[str]:
    return [text for layer in topic.layers for text in (layer.agency, layer.receiving_address) if text]


def _offices(topic: Topic, level: str) -> list[str]:
    """["Công an"] of "Công an cấp xã; Công an tỉnh": what the source calls the agency of a level, without the level."""
    found = [_OF_LEVEL[level].fullmatch(part.strip()) for text in _agencies(topic) for part in _PART.split(text)]
    names = [match.groupdict().get("alone") or match["office"] for match in found if match]
    names = list({name.casefold(): name for name in reversed(names)}.values())[::-1][:3]
    taken_by_centre = topic.day >= REFORM and any(CENTRE in (channel.description or "") for layer in topic.layers for channel in layer.channels)
    return [f"{CENTRE} / {name}" if taken_by_centre and level == "xã" and _COMMITTEE.fullmatch(name) else name for name in names]


def _question(open_ones: list[CompetentPlace], match: PlaceMatch, topic: Topic) -> str | None:
    """One question that settles all levels left open."""
    if topic.day < REFORM:
        return None
    most = max(open_ones, key=lambda one: len(one.choices))
    if match.province is None:
        names = most.choices or tuple(place.name for place in match.places)
        return f"Trước và sau 1/7/2025 có nhiều nơi tên “{match.said}”, nay là hoặc nay thuộc: {_named(names)}. Bạn ở tỉnh, thành phố nào?"
    if most.choices:
        return f"Bạn nay ở xã, phường nào: {_named(tuple(name.removesuffix(f', {match.province}') for name in most.choices))}? Bạn cho biết tên để tôi nói đúng nơi nộp."
    return f"Bạn ở xã, phường nào của {match.province}? Nói tên cũ (kèm quận, huyện cũ) hay tên mới đều được, tôi sẽ nói đúng nơi nộp cấp xã."


def _named(names: tuple[str, ...]) -> str:
    rest = len(names) - MOST_NAMED
    return "; ".join(names[:MOST_NAMED]) + (f"; và {rest} nơi khác" if rest > 0 else "")
