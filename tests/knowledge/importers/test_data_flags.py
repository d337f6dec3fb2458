"""Every kind of flag that an importer of the portal's data writes is explained in docs/data-flags.md."""

import re
from pathlib import Path

import knowledge.importers.portal as portal

FOLDER = Path(portal.__file__).parent
NAMES = ("amounts", "channels", "dossier", "legal", "lists", "portal", "sections", "structured")


def test_every_flag_is_documented():
    page = (FOLDER.parents[1] / "docs" / "data-flags.md").read_text(encoding="utf-8")
    used = set()
    for name in NAMES:
        source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        for call in re.findall(r"Flag\(([^,]+),", source):
            used |= set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', call))
    assert len(used) > 40
    assert not {kind for kind in used if f"`{kind}`" not in page}
