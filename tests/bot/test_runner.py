"""The runner without dask gives what Rasa's own gives, on a graph with shared nodes and on missing inputs."""

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot.runner import DirectGraphRunner

RUNS: list[str] = []


class Append(GraphComponent):
    """Adds its own letter to what came in."""

    def __init__(self, letter):
        self.letter = letter

    @classmethod
    def create(cls, config, model_storage, resource, execution_context):
        return cls(config["letter"])

    def one(self, text):
        RUNS.append(self.letter)
        return text + self.letter

    def two(self, left, right):
        RUNS.append(self.letter)
        return f"({left}|{right}){self.letter}"


def node(letter: str, fn: str, **needs: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Append, fn=fn, constructor_name="create", config={"letter": letter})


@pytest.fixture
def runners(tmp_path):
    schema = GraphSchema(
        {
            "a": node("a", "one", text="__message__"),
            "b": node("b", "one", text="a"),
            "c": node("c", "one", text="a"),
            "d": node("d", "two", left="b", right="c"),
            "unasked": node("x", "one", text="other"),
        }
    )
    schema.nodes["d"].is_target = True
    storage = LocalModelStorage.create(tmp_path)
    dask = DaskGraphRunner(schema, storage, ExecutionContext(schema, model_id="m"))
    return dask, DirectGraphRunner(dask)


def test_gives_what_dask_gives(runners):
    dask, direct = runners
    for targets in (["d"], ["b", "d"], ["a"], None):
        assert direct.run({"__message__": "m"}, targets) == dask.run({"__message__": "m"}, targets)


def test_runs_each_node_once_and_only_what_is_needed(runners):
    RUNS.clear()
    assert runners[1].run({"__message__": "m"}, ["d"]) == {"d": "(mab|mac)d"}
    assert sorted(RUNS) == ["a", "b", "c", "d"]


def test_a_second_run_sees_the_second_input(runners):
    _, direct = runners
    direct.run({"__message__": "m"}, ["d"])
    assert direct.run({"__message__": "n"}, ["d"]) == {"d": "(nab|nac)d"}


def test_a_missing_input_is_an_error(runners):
    with pytest.raises(GraphRunError):
        runners[1].run({}, ["d"])
