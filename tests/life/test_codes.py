"""Every way to be refused has a test here or beside the rules: a code nobody tests is a promise nobody keeps."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r'(?:Refused|Flawed|refuse_flaws)\(\s*"([a-z_]+)"')


def test_every_refusal_of_the_core_is_asked_for_in_a_test() -> None:
    core = [ROOT / "approvals" / name for name in ("rules.py", "cuts.py", "asking.py")]
    core += (ROOT / "approvals" / "transitions").glob("*.py")
    codes = {code for path in core for code in CODE.findall(path.read_text(encoding="utf-8"))}
    places = (ROOT / "tests" / folder for folder in ("life", "ruling"))
    tests = "".join(path.read_text(encoding="utf-8") for place in places for path in place.glob("test_*.py"))
    assert len(codes) > 30
    assert not {code for code in codes if f'"{code}"' not in tests}
