"""Speed and memory of `motcua import` on the national portal's records, in a process of its own.

    python benchmarks/import_speed.py [--shared ../shared] [--database URL] [--json results/import_speed.json]

Target: 2,642 records in at most 90 s on 2 cores, under 500 MB. The second run must say unchanged. Wall time counts the
other load of the machine too; `cpu` is the process alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET_SECONDS, TARGET_MB = 90, 500


def measured(arguments: list[str]) -> dict:
    """One command: wall and processor seconds, highest memory in MB, what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "bot.cli", *arguments], cwd=ROOT, capture_output=True, text=True)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall": round(wall, 1),
        "cpu": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "megabytes": round(after.ru_maxrss / 1024),  # the highest of all children so far
        "status": done.returncode,
        "report": done.stdout.splitlines()[:2] or done.stderr.splitlines()[-1:],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("MOTCUA_SHARED") or ROOT.parent / "shared"))
    parser.add_argument("--database", help="default: a new SQLite file, thrown away")
    parser.add_argument("--json", type=Path, default=ROOT / "results" / "import_speed.json")
    args = parser.parse_args()
    folder = args.shared / "data" / "national-portal-2026-07"
    if not folder.is_dir():
        print(f"needs {folder}")
        return 2
    with tempfile.TemporaryDirectory() as place:
        database = args.database or f"sqlite:///{place}/speed.db"
        results = {"fill": measured(["show", "1.001193", "--database", database])}
        results["first"] = measured(["import", str(folder), "--database", database])
        results["second"] = measured(["import", str(folder), "--database", database])
    for name, one in results.items():
        print(f"{name:7} {one['wall']:7.1f} s wall {one['cpu']:7.1f} s cpu {one['megabytes']:5} MB  {one['report'][0] if one['report'] else ''}"[:150])
    args.json.parent.mkdir(exist_ok=True)
    args.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    good = results["first"]["cpu"] <= TARGET_SECONDS and results["first"]["megabytes"] < TARGET_MB
    print("within the target" if good else "NOT within the target")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
