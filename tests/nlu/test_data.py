import collections

import pytest

from benchmarks.question_types import DATA, pairs
from nlu.question_model import ASPECTS

HAND = sorted(path.stem for path in DATA.glob("*.yml") if path.stem != "generated")


@pytest.fixture(scope="module")
def examples():
    return [pair for name in HAND for pair in pairs(DATA / f"{name}.yml")]


def test_every_type_has_enough_examples(examples):
    counts = collections.Counter(intent for _, intent in [*examples, *pairs(DATA / "generated.yml")])
    assert set(ASPECTS) <= set(counts)
    assert all(counts[name] >= 60 for name in ASPECTS)
    # Commands of the talk need fewer: they are short and say the same few words.
    assert min(counts.values()) >= 20, counts.most_common()[-3:]


def test_no_sentence_stands_under_two_intents(examples):
    owners = collections.defaultdict(set)
    for text, intent in examples:
        owners[text.lower()].add(intent)
    assert [text for text, intents in owners.items() if len(intents) > 1] == []


def test_rasa_reads_the_files():
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    for path in DATA.glob("*.yml"):
        assert RasaYAMLReader().reads(path.read_text(encoding="utf-8")).intent_examples


def test_question_types_share_their_topics():
    by_type = {name: " ".join(text.lower() for text, intent in pairs(DATA / "generated.yml") if intent == name) for name in ASPECTS}
    for topic in ("sổ đỏ", "hộ kinh doanh", "xe"):
        assert sum(topic in text for text in by_type.values()) >= 7
