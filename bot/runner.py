"""Rasa's graph, run node by node in this thread.

DaskGraphRunner makes the minimal graph anew for every run, writes the whole tracker into a log line that nobody reads,
and hands the nodes to dask's scheduler: a tenth of a turn, three times a turn. The nodes and their order are the same.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class DirectGraphRunner(DaskGraphRunner):
    """Takes over the loaded nodes of a DaskGraphRunner; for using a model, not for training."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self.__dict__.update(loaded.__dict__)
        self._needed: dict[tuple[str, ...], dict[str, Any]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Outputs by target (see the parent class). Raises GraphRunError when an input or node is missing."""
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._needed:
            self._needed[wanted] = self._build_dask_graph(self._graph_schema.minimal_graph_schema(list(wanted)))
        graph = self._needed[wanted]
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}

        def output(name: str) -> Any:
            if name not in done:
                if name not in graph:
                    raise GraphRunError(f"Nothing gives the input {name!r}.")
                node, *needs = graph[name]
                done[name] = node(*[output(need) for need in needs])
            return done[name]

        return dict(output(name) for name in wanted)
