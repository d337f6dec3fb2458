"""What did the person type, in one agreed spelling?

`normalise(text)` undoes what keyboards, phones and habits do to Vietnamese: other code points for the same letter,
invisible characters, HTML, tone placement, repeated letters, Telex and VNI residue, glued and split words, slang,
abbreviations and dialect (data in `nlu/lexicon/`). Every output word knows its span of the original. Codes, document
numbers, form names, amounts and dates pass through untouched. `fold(text)` drops all marks.

Pure functions; the lexicon is read once. About 0.2 ms for a short message, linear in length.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nlu.lexicon import load
from nlu.syllables import analyse, decode_keys, fold, is_syllable, repair, spell, strip_tone

__all__ = ["Normalised", "fold", "normalise"]


@dataclass(frozen=True)
class Normalised:
    """One message in agreed spelling.

    original: as typed. text: lower-case words and clause punctuation (codes keep their case). folded: `text` without
    marks. tokens: the words, without punctuation. alignment: for each token its (start, end) in `original`; several
    tokens share a span where one typed word stands for several ("gks"). breaks: for each token whether a clause ends
    after it. changes: (typed, meant) pairs, for explaining.
    """

    original: str
    text: str
    folded: str
    tokens: tuple[str, ...]
    alignment: tuple[tuple[int, int], ...]
    breaks: tuple[bool, ...]
    changes: tuple[tuple[str, str], ...]

    @property
    def clauses(self) -> list[str]:
        """The text cut at punctuation, in order, without it."""
        out: list[list[str]] = [[]]
        for token, ends in zip(self.tokens, self.breaks, strict=False):
            out[-1].append(token)
            if ends:
                out.append([])
        return [" ".join(words) for words in out if words]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Span of the original behind tokens[start:end] (token positions, end excluded)."""
        if not self.tokens[start:end]:
            return (0, 0)
        return self.alignment[start][0], self.alignment[end - 1][1]


@dataclass
class _Word:
    text: str
    start: int
    end: int
    kind: str  # word, mix (letters and digits), keep (codes, numbers), punct
    glued: bool = False  # no space before it in the original


_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]|[\U000e0000-\U000e0fff]"
)
_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,200}|!--.{0,500}?--)>", re.S)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
_LETTER = r"[^\W\d_]"
_SCAN = re.compile(
    rf"""
    (?P<keep>
        https?://\S+ | www\.\S+ | [\w.+-]+@[\w-]+\.[\w.-]+            # addresses
      | [A-ZĐ]{{1,3}}\d{{1,3}}(?:\.\d{{1,3}})*-\d{{6}}-\d{{1,6}}           # dossier number H29.18-250612-0047
      | \d+(?:[.,]\d+)*\s?%                                            # rates
      | (?=[\w./-]*\d)[\w]+(?:[./-][\w]+)+                             # 1.004194 797/BTTTT-THH 01/BĐS 7.000đ 12/3/2024
    )
    | (?P<mix>(?:{_LETTER}+\d|\d+{_LETTER})\w*)
    | (?P<word>{_LETTER}+)
    | (?P<num>\d+)
    | (?P<punct>[.,;:?!\n()\[\]{{}}"|]+)
    """,
    re.X,
)
_CODE = re.compile(r"^(?:[A-ZĐ]{1,6}\d{1,4}[a-z]?|\d{1,3}[A-ZĐ]{2,}|[ABCDEF][12]?E?)$")
_REPEAT = re.compile(r"(.)\1{2,}")
_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(maxsize=1)
def _characters() -> tuple[dict[int, str], re.Pattern[str]]:
    data = load("characters")
    table = {ord(bad): good for bad, good in data["look_alikes"].items()}
    return table, re.compile("|".join(data["placeholders"]), re.I)


def _clean(text: str) -> tuple[str, list[int] | None]:
    """Composed text without tags, entities, invisible and look-alike characters, and for each of its characters the
    position in `text` it came from (None: positions unchanged)."""
    table, placeholders = _characters()
    if text.isascii() and "<" not in text and "&" not in text and "[" not in text and text.isprintable():
        return text, None
    plain = text.translate(table)  # one character for one
    plain = unicodedata.normalize("NFC", plain) if unicodedata.is_normalized("NFC", plain) else plain
    simple = unicodedata.is_normalized("NFC", plain) and not (
        _INVISIBLE.search(plain) or "<" in plain or "&" in plain or "[" in plain or _has_compatibility(plain)
    )
    if simple:
        return plain, None
    for pattern in (_TAG, placeholders):
        plain = pattern.sub(lambda m: " " * (m.end() - m.start()), plain)
    out: list[str] = []
    origin: list[int] = []
    at = 0
    length = len(plain)
    while at < length:
        char = plain[at]
        if char == "&":
            found = _ENTITY.match(plain, at)
            if found:
                piece = html.unescape(found.group())
                piece = " " if piece == found.group() else unicodedata.normalize("NFKC", piece).translate(table)
                out.extend(piece)
                origin.extend([at] * len(piece))
                at = found.end()
                continue
        if _INVISIBLE.match(char):
            at += 1
            continue
        end = at + 1
        while end < length and (unicodedata.combining(plain[end]) or _INVISIBLE.match(plain[end])):
            end += 1
        cluster = "".join(c for c in plain[at:end] if not _INVISIBLE.match(c))
        cluster = unicodedata.normalize("NFC", cluster)
        if len(cluster) > 1:  # marks that do not belong to Vietnamese (zalgo) go
            cluster = cluster[0] + "".join(c for c in cluster[1:] if not unicodedata.combining(c))
        if not cluster.isascii() and _has_compatibility(cluster):
            cluster = unicodedata.normalize("NFKC", cluster).translate(table)
        out.extend(cluster)
        origin.extend([at] * len(cluster))
        at = end
    return "".join(out), origin


def _has_compatibility(text: str) -> bool:
    return any(
        char > "\u1eff" and (0x2100 <= ord(char) <= 0x214F or 0xFF01 <= ord(char) <= 0xFF5E or 0x1D400 <= ord(char) <= 0x1D7FF)
        for char in text
    )


def _scan(original: str) -> list[_Word]:
    text, origin = _clean(original)
    words: list[_Word] = []
    last_end = -1
    for found in _SCAN.finditer(text):
        kind = found.lastgroup or "word"
        start, end = found.span()
        typed = found.group()
        if kind == "word" and not _is_latin(typed):
            continue
        if kind == "keep" and typed[-1] in ".-/":
            typed = typed.rstrip(".-/")
        if kind == "keep" and not any(c.isdigit() for c in typed) and "@" not in typed and "://" not in typed and "www." not in typed:
            kind = "word"
        span = (start, end) if origin is None else (origin[start], origin[end - 1] + 1)
        words.append(_Word(typed, span[0], span[1], "keep" if kind == "num" else kind, glued=start == last_end))
        last_end = end
    if origin is not None:
        _close_clusters(original, words)
    return words


def _close_clusters(original: str, words: list[_Word]) -> None:
    """Take combining and invisible characters after a word into its span."""
    for number, word in enumerate(words):
        limit = words[number + 1].start if number + 1 < len(words) else len(original)
        while word.end < limit and (unicodedata.combining(original[word.end]) or _INVISIBLE.match(original[word.end])):
            word.end += 1


def _is_latin(word: str) -> bool:
    return all(char < "\u0250" or "\u1e00" <= char <= "\u1eff" for char in word)


# ------------------------------------------------------------------ single words


@lru_cache(maxsize=1)
def _foreign() -> tuple[frozenset[str], frozenset[str], dict[str, str]]:
    data = load("foreign")
    return frozenset(data["words"]), frozenset(data["units"]), dict(data["number_words"])


@lru_cache(maxsize=1)
def _compounds() -> tuple[frozenset[str], dict[str, list[str]], frozenset[str]]:
    """Known two-syllable words: as written, by sound key, and folded."""
    words = frozenset(
        _respell(word.strip()) for line in load("compounds")["words"] for word in line.split(",") if " " in word.strip()
    )
    by_key: dict[str, list[str]] = {}
    for word in sorted(words):
        by_key.setdefault(" ".join(_sound(fold(part)) for part in word.split()), []).append(word)
    return words, by_key, frozenset(fold(word) for word in words)


def _respell(phrase: str) -> str:
    return " ".join(_spelling(part) for part in phrase.split())


@lru_cache(maxsize=20_000)
def _spelling(word: str) -> str:
    """Agreed spelling of one valid lower-case syllable; other words come back as they are."""
    variants = load("spelling")
    if word in variants:
        return variants[word]
    found = analyse(word)
    if found is None or word.isascii():
        return word
    result = spell(found)
    return variants.get(result, result)


_ONSET_SOUNDS = (("ngh", "ng"), ("gh", "g"), ("tr", "ch"), ("gi", "d"), ("r", "d"), ("x", "s"), ("k", "c"), ("q", "c"), ("đ", "D"))
_TEEN_ONSETS = (("dz", "d"), ("f", "ph"), ("w", "qu"), ("j", "gi"), ("z", "d"), ("kw", "qu"))
_ORTHOGRAPHY = (("ngh", "ng"), ("ng", "ngh"), ("gh", "g"), ("g", "gh"), ("c", "k"), ("k", "c"), ("q", "c"))


@lru_cache(maxsize=20_000)
def _sound(folded: str) -> str:
    """Folded syllable -> key shared by the spellings that people mix up (s/x, ch/tr, d/gi/r, n/ng, c/t)."""
    for onset, sound in _ONSET_SOUNDS:
        if folded.startswith(onset) and len(folded) > len(onset):
            folded = sound + folded[len(onset) :]
            break
    if folded.endswith("ng") and len(folded) > 3:
        folded = folded[:-1]
    if folded.endswith("c") and len(folded) > 2:
        folded = folded[:-1] + "t"
    return folded.replace("y", "i")


@lru_cache(maxsize=20_000)
def _word(word: str) -> str:
    """One lower-case word that the lexicon does not know -> agreed spelling, perhaps several words (glued ones)."""
    if is_syllable(word):
        return _spelling(word)
    if len(word) > 40:
        word = _REPEAT.sub(r"\1", word)
        if len(word) > 40:
            return word
    foreign, _, _ = _foreign()
    if word in foreign:
        return word
    decoded = decode_keys(word)
    if decoded and len(word) > 1:
        return _spelling(decoded)
    for pattern, kept in ((_REPEAT, r"\1"), (_REPEAT, r"\1\1"), (_DOUBLE, r"\1")):
        shorter = pattern.sub(kept, word)
        if shorter != word:
            if shorter in foreign or is_syllable(shorter):
                return _spelling(shorter)
            known = _lexicon()[0].get(shorter)
            if isinstance(known, str):
                return known
            decoded = decode_keys(shorter)
            if decoded:
                return _spelling(decoded)
    mended = repair(word)
    if mended:
        return _spelling(mended)
    for wrong, right in (*_TEEN_ONSETS, *_ORTHOGRAPHY):
        if word.startswith(wrong):
            guess = right + word[len(wrong) :]
            if is_syllable(guess):
                return _spelling(guess)
            mended = repair(guess)
            if mended:
                return _spelling(mended)
    if word[-1:] in "gk" and is_syllable(word[:-1] + {"g": "ng", "k": "c"}[word[-1]]):
        return _spelling(word[:-1] + {"g": "ng", "k": "c"}[word[-1]])
    parts = _unglue(word)
    return " ".join(parts) if parts else word


def _unglue(word: str) -> list[str] | None:
    """Cut a glued word where only one cut makes sense: "đăngkýtạmtrú", "mấthộ", "khaisinh"."""
    if not 4 <= len(word) <= 40:
        return None
    _, _, folded_words = _compounds()
    # Fewest syllables; pairs known as words count extra.
    best: dict[int, list[tuple[float, list[str]]]] = {0: [(0.0, [])]}
    for at in range(1, len(word) + 1):
        options = []
        for size in range(1, min(7, at) + 1):
            piece = word[at - size : at]
            if at - size in best and is_syllable(piece) and (size > 1 or not piece.isascii() or piece in "y"):
                for score, parts in best[at - size]:
                    pair = bool(parts) and f"{fold(parts[-1])} {fold(piece)}" in folded_words
                    options.append((score - 1.0 + (1.5 if pair else 0.0), [*parts, piece]))
        if options:
            best[at] = sorted(options, key=lambda option: -option[0])[:4]
    found = best.get(len(word))
    if not found or len(found[0][1]) < 2:
        return None
    score, parts = found[0]
    unique = len(found) == 1 or found[1][0] < score
    known = sum(f"{fold(a)} {fold(b)}" in folded_words for a, b in itertools.pairwise(parts))
    if known * 2 >= len(parts) - 1 and known:
        return [_spelling(part) for part in parts]
    if unique and not word.isascii() and len(parts) == 2 and min(map(len, parts)) > 1:
        return [_spelling(part) for part in parts]
    return None


# ------------------------------------------------------------------ the lexicon, with context


@lru_cache(maxsize=1)
def _lexicon() -> tuple[dict[str, Any], dict[str, str], dict[str, str], dict[str, int]]:
    """Single words (text or rules), phrases as written, phrases by folded form, longest phrase by its first word."""
    single: dict[str, Any] = {}
    phrases: dict[str, str] = {}
    for name in ("dialect", "abbreviations", "slang"):
        for key, value in load(name).items():
            key = unicodedata.normalize("NFC", key.lower())
            if " " in key:
                if isinstance(value, str):
                    phrases[_respell(key)] = _respell(value)
                continue
            rules = value if isinstance(value, list) else [{"to": value}]
            if key in single:
                # The subject's abbreviation first, then the everyday one; a rule without condition goes last.
                rules = sorted([*rules, *single[key]], key=lambda rule: len(rule) == 1)
            single[key] = rules
    compiled: dict[str, Any] = {}
    for key, rules in single.items():
        if len(rules[0]) == 1:
            compiled[key] = _respell(rules[0]["to"])
        else:
            compiled[key] = [_compile(rule) for rule in rules]
    data = load("phrases")
    phrases.update({_respell(k): _respell(v) for k, v in data["words"].items()})
    folded = {fold(k): _respell(v) for k, v in data["folded"].items()}
    starts: dict[str, int] = {}
    for phrase in [*phrases, *folded]:
        first, size = phrase.split(None, 1)[0], len(phrase.split())
        starts[first] = max(starts.get(first, 0), size)
    return compiled, phrases, folded, starts


def _compile(rule: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    conditions: dict[str, Any] = {}
    for key in ("prev", "next", "not_prev", "not_next"):
        if key in rule:
            conditions[key] = frozenset(fold(word) for word in rule[key])
    for key in ("near", "not_near"):
        if key in rule:
            conditions[key] = tuple(f" {fold(word)} " for word in rule[key])
    return _respell(rule["to"]), conditions


def _choose(rules: list[tuple[str, dict[str, Any]]], before: str, after: str, around: str) -> str | None:
    for result, conditions in rules:
        if "prev" in conditions and before not in conditions["prev"]:
            continue
        if "next" in conditions and after not in conditions["next"]:
            continue
        if "not_prev" in conditions and before in conditions["not_prev"]:
            continue
        if "not_next" in conditions and after in conditions["not_next"]:
            continue
        if "near" in conditions and not any(word in around for word in conditions["near"]):
            continue
        if "not_near" in conditions and any(word in around for word in conditions["not_near"]):
            continue
        return result
    return None


def _context(word: _Word | None, border: str) -> str:
    if word is None or word.kind == "punct":
        return border
    if word.kind == "keep":
        return "<num>"
    return fold(word.text.lower())


def _expand(words: list[_Word]) -> list[_Word]:
    """Slang, abbreviations and dialect; then the spelling of every single word."""
    single = _lexicon()[0]
    out: list[_Word] = []
    around = ""
    vni_message = sum(w.kind == "mix" and len(w.text) > 2 and decode_keys(w.text.lower()) is not None for w in words) > 1
    for number, word in enumerate(words):
        if word.kind in ("keep", "punct"):
            out.append(word)
            continue
        if word.kind == "mix":
            out.extend(_mixed(word, words, number, vni_message))
            continue
        lower = word.text.lower()
        meaning = single.get(lower)
        if meaning is None and lower in _foreign()[0] and _telex_message(words) and (decoded := decode_keys(lower)):
            out.append(_Word(_spelling(decoded), word.start, word.end, "word", word.glued))
            continue
        if meaning is None:
            # Slang keys are in the agreed spelling; another tone place or a repeated last letter still finds them.
            spelt = _word(lower)
            meaning = single.get(spelt) if " " not in spelt and spelt != lower else None
            result = spelt
        else:
            result = lower
        if meaning is not None:
            if isinstance(meaning, str):
                result = meaning
            else:
                if not around:
                    around = " " + " ".join(fold(w.text.lower()) for w in words if w.kind != "punct") + " "
                before = _context(words[number - 1] if number else None, "<start>")
                after = _context(words[number + 1] if number + 1 < len(words) else None, "<end>")
                chosen = _choose(meaning, before, after, around)
                result = chosen if chosen is not None else _word(lower)
        if result:
            out.append(_Word(result, word.start, word.end, "word", word.glued))
    return out


def _telex_message(words: list[_Word]) -> bool:
    """Whether some other word is sure Telex residue; then "max" is "mã"."""
    return any(
        word.kind == "word"
        and word.text.isascii()
        and (lower := word.text.lower()) not in _foreign()[0]
        and not is_syllable(lower)
        and lower not in _lexicon()[0]
        and len(lower) > 2
        and decode_keys(lower) is not None
        for word in words
    )


def _mixed(word: _Word, words: list[_Word], number: int, vni_message: bool) -> Iterable[_Word]:
    """A run of letters and digits: a code, an amount, VNI residue, or a number glued to a word."""
    _, units, number_words = _foreign()
    typed, lower = word.text, word.text.lower()
    keep = _Word(typed, word.start, word.end, "keep", word.glued)
    known = _lexicon()[0].get(lower)
    if isinstance(known, str):
        return [_Word(known, word.start, word.end, "word", word.glued)]
    lead = re.match(r"\d+", lower)
    if lead:
        rest = lower[lead.end() :]
        if rest in units:
            return [keep]
        middle = word.start + lead.end()
        meant = number_words.get(rest)
        if meant is None and is_syllable(rest) and not rest.isascii():
            meant = _spelling(rest)
        if meant and word.end - word.start == len(typed):
            return [
                _Word(lead.group(), word.start, middle, "keep", word.glued),
                _Word(meant, middle, word.end, "word", True),
            ]
        return [keep]
    decoded = decode_keys(lower)
    if decoded and (typed.isupper() and _CODE.match(typed)) and not vni_message:
        decoded = None
    if decoded and re.fullmatch(r"[a-z]\d", lower) and not vni_message:
        decoded = None  # a1, b2: classes of licences
    if decoded:
        sure = vni_message or len(re.findall(r"\d", lower)) > 1
        if not sure:
            folded_words = _compounds()[2]
            before = _context(words[number - 1] if number else None, "")
            after = _context(words[number + 1] if number + 1 < len(words) else None, "")
            bare = fold(decoded)
            sure = f"{before} {bare}" in folded_words or f"{bare} {after}" in folded_words
        if sure:
            return [_Word(_spelling(decoded), word.start, word.end, "word", word.glued)]
    return [keep]


def _join_split(words: list[_Word]) -> list[_Word]:
    """"đ ăng ký", "giấ y tờ" -> one word, where a piece alone is no word or a known word appears."""
    folded_words = _compounds()[2]
    always = load("compounds")["always_joined"]
    single = _lexicon()[0]
    out: list[_Word] = []
    number = 0
    while number < len(words):
        word = words[number]
        follower = words[number + 1] if number + 1 < len(words) else None
        if (
            word.kind == "word"
            and follower is not None
            and follower.kind == "word"
            and " " not in word.text + follower.text
            and len(word.text) + len(follower.text) <= 7
        ):
            left, right = word.text.lower(), follower.text.lower()
            joined = left + right
            if (len(left) == 1 or len(right) == 1 or not is_syllable(left) or not is_syllable(right)) and is_syllable(joined):
                broken = (not is_syllable(left) and left not in single) or (not is_syllable(right) and right not in single)
                bare = fold(joined)
                before = fold(out[-1].text.split()[-1].lower()) if out and out[-1].kind == "word" else ""
                after = fold(words[number + 2].text.lower()) if number + 2 < len(words) else ""
                known = f"{before} {bare}" in folded_words or f"{bare} {after}" in folded_words
                if joined in always or known or (broken and not joined.isascii() and left not in _foreign()[0] and right not in _foreign()[0]):
                    out.append(_Word(joined, word.start, follower.end, "word", word.glued))
                    number += 2
                    continue
        out.append(word)
        number += 1
    return out


def _spell_pairs(words: list[_Word]) -> None:
    """Mend two neighbours that sound like one known word: "sác nhận" -> "xác nhận", "đăng kí" is one already."""
    known, by_key, _ = _compounds()
    for left, right in itertools.pairwise(words):
        if left.kind != "word" or right.kind != "word" or " " in left.text or " " in right.text:
            continue
        pair = f"{left.text} {right.text}"
        if pair in known:
            continue
        options = by_key.get(f"{_sound(fold(left.text))} {_sound(fold(right.text))}")
        if not options:
            continue
        fits = []
        for option in options:
            first, second = option.split()
            score = _agrees(left.text, first) and _agrees(right.text, second)
            if score:
                fits.append((score, first, second))
        if len(fits) == 1:
            left.text, right.text = fits[0][1], fits[0][2]


def _agrees(typed: str, meant: str) -> bool:
    """Whether `typed` can be `meant` with marks left out or with letters that sound alike; marks that are there stay."""
    if typed == meant:
        return True
    base, tone = strip_tone(typed)
    wanted, wanted_tone = strip_tone(meant)
    if tone and tone != wanted_tone and {tone, wanted_tone} != {"r", "x"}:
        return False
    # No mark at all: the same letters, or another onset before the same bare rime ("khai xinh"); "ra han" stays.
    if typed.isascii() and not meant.isascii():
        return fold(meant) == typed
    a, b = analyse(base), analyse(wanted)
    if a is None or b is None:
        return fold(base) == fold(wanted)
    return all(x == y or x == fold(y) for x, y in zip(_vowels(a.rime), _vowels(b.rime), strict=False))


def _vowels(rime: str) -> str:
    return rime.rstrip("cghmnpt")


def _apply_phrases(words: list[_Word]) -> list[_Word]:
    _, phrases, folded, starts = _lexicon()
    out: list[_Word] = []
    number = 0
    while number < len(words):
        taken = 0
        longest = starts.get(words[number].text, 0) if words[number].kind == "word" else 0
        if longest:
            for size in range(min(longest, len(words) - number), 1, -1):
                part = words[number : number + size]
                if any(word.kind != "word" for word in part):
                    continue
                joined = " ".join(word.text for word in part)
                result = phrases.get(joined)
                if result is None and joined.isascii():
                    result = folded.get(joined)
                if result is not None:
                    parts = result.split()
                    if len(parts) == size:
                        out.extend(_Word(p, w.start, w.end, "word", w.glued) for p, w in zip(parts, part, strict=False))
                    else:
                        out.append(_Word(result, part[0].start, part[-1].end, "word", part[0].glued))
                    taken = size
                    break
        if not taken:
            out.append(words[number])
            taken = 1
        number += taken
    return out


def _single_words(words: list[_Word]) -> list[_Word]:
    out = []
    for word in words:
        if word.kind == "word" and " " in word.text:
            out.extend(_Word(part, word.start, word.end, "word", word.glued) for part in word.text.split())
        else:
            out.append(word)
    return out


@lru_cache(maxsize=512)
def normalise(text: str) -> Normalised:
    """Bring a message into agreed spelling (see the module's words). Never raises; "" for a message without words.

    The last few hundred messages are cached in memory only; personal numbers were masked before they come here.
    """
    words = _expand(_join_split(_scan(text)))
    words = _single_words(words)
    _spell_pairs(words)
    words = _single_words(_apply_phrases(words))
    tokens: list[str] = []
    spans: list[tuple[int, int]] = []
    breaks: list[bool] = []
    changes: list[tuple[str, str]] = []
    pieces: list[str] = []
    for word in words:
        if word.kind == "punct":
            if tokens and not breaks[-1]:
                mark = next((c for c in word.text if c in "?!"), None) or next((c for c in word.text if c in ".;:,"), ",")
                if mark == "." or word.text.strip():
                    breaks[-1] = True
                    pieces.append(mark)
            elif tokens and "?" in word.text and pieces[-1] != "?":
                pieces[-1] = "?"
            continue
        if tokens:
            pieces.append(" ")
        tokens.append(word.text)
        spans.append((word.start, word.end))
        breaks.append(False)
        pieces.append(word.text)
    for number, (token, span) in enumerate(zip(tokens, spans, strict=False)):
        typed = text[span[0] : span[1]]
        if token not in (typed, typed.lower()) and (number == 0 or spans[number - 1] != span):
            whole = " ".join(t for t, s in zip(tokens[number : number + 8], spans[number : number + 8], strict=False) if s == span)
            if typed.lower() != whole:
                changes.append((typed, whole))
    result = "".join(pieces)
    return Normalised(text, result, fold(result), tuple(tokens), tuple(spans), tuple(breaks), tuple(changes))
