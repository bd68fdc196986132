"""What is kept outside the database is kept at once here, though the test's transaction never ends."""

from __future__ import annotations

import pytest

from audits import sealing


@pytest.fixture(autouse=True)
def committed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "when_committed", lambda keep: keep())
