"""What docs/webhooks.md tells a receiver to do verifies what is sent, by its own lines."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from approvals.letters.webhooks import signing

PAGE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
BODY = b'{"type": "packet.suspended", "data": {"agent": "sentry-dev"}}'


def lines_in(language: str) -> str:
    """The one block of this language on the page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def secret() -> str:
    return signing.new_secret()


def test_the_lines_in_python_take_what_is_sent_and_nothing_else(secret: str) -> None:
    there: dict[str, Any] = {}
    exec(lines_in("python").replace("whsec_…", secret), there)
    headers = signing.headers("msg_1", int(time.time()), BODY, [secret])
    assert there["received"](BODY, headers)["type"] == "packet.suspended"
    with pytest.raises(WebhookVerificationError):
        there["received"](BODY + b" ", headers)


def test_the_lines_for_a_shell_make_the_signature_that_is_sent(secret: str, tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(BODY)
    given = {"SECRET": secret.removeprefix(signing.PREFIX), "ID": "msg_1", "TIMESTAMP": "1793000000", "BODY": str(file)}
    made = subprocess.run(
        ["sh", "-euc", lines_in("sh")], env=os.environ | given, capture_output=True, text=True, check=True
    )
    sent = signing.headers("msg_1", 1_793_000_000, BODY, [secret])["webhook-signature"]
    assert f"v1,{made.stdout.strip()}" == sent
