"""docs/findings.md says of every finding what the code says, and of no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from approvals.risk.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| `(\w+)` \| (\w+) \| (.+?) \| (.+?) \|")


def test_the_page_and_the_code_hold_the_same_findings_in_the_same_order() -> None:
    rows = ROW.findall((ROOT / "docs/findings.md").read_text(encoding="utf-8"))
    assert rows == [(code, kind.severity.value, kind.when, kind.remedy) for code, kind in KINDS.items()]
    assert len(rows) >= 24


def test_every_kind_is_made_somewhere_and_tested_by_name() -> None:
    made = {
        node.value
        for path in (ROOT / "approvals/risk").glob("by_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    tested = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/risk").glob("test_f*.py"))
    assert not KINDS.keys() - made
    assert not {code for code in KINDS if f'"{code}"' not in tested}
