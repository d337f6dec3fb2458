"""`python -m knowledge.importers.documents PATH...`: reads documents and prints the import report, saving nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from knowledge.importers.documents import SUFFIXES, UnreadableDocument, mark_duplicates, read_document
from knowledge.importers.documents.report import render_report


def main(arguments: list[str]) -> int:
    """Exit status: 0 done, 1 done with rejected files, 2 nothing given or found."""
    paths: list[Path] = []
    for argument in arguments:
        path = Path(argument)
        paths += sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
    if not paths:
        print("Cách dùng: python -m knowledge.importers.documents TỆP_HOẶC_THƯ_MỤC...", file=sys.stderr)
        return 2
    documents, rejected = [], []
    for path in paths:
        try:
            documents.append(read_document(path))
        except (UnreadableDocument, OSError) as error:
            rejected.append((path, str(error)))
    mark_duplicates(documents)
    print(render_report(documents, rejected))
    return 1 if rejected else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
