"""A paper as PDF: PDF/A-3a and PDF/UA-1 in one, with the canonical JSON of what it shows inside.

The same paper gives the same bytes, whoever prints it: the fonts are ours, and the date is the paper's.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from approvals.printing.characters import FONTS, all_printable, on_one_line
from approvals.printing.paper import Paper
from approvals.telling import moment_text

HERE = Path(__file__).parent
STANDARDS: list[Any] = ["a-3a", "ua-1"]
one_at_a_time = Lock()  # a compiler is one world; two papers in it would share their inputs


def typeset(paper: Paper) -> bytes:
    """The PDF of a version."""
    return compiled("packet.typ", inputs(paper), paper.at)


def compiled(template: str, given: dict[str, str], at: datetime) -> bytes:
    """The PDF of what a template reads. What people wrote goes in as JSON and is never read as markup."""
    with one_at_a_time:
        made = compiler(template).compile(
            format="pdf", pdf_standards=STANDARDS, timestamp=int(at.timestamp()), sys_inputs=given
        )
    if not isinstance(made, bytes):
        raise TypeError("One PDF was asked for, and something else came back.")
    return made


@cache
def compiler(template: str = "packet.typ") -> typst.Compiler:
    """The one of this template, with our fonts only; whoever uses it holds `one_at_a_time`."""
    return typst.Compiler(str(HERE / template), root=str(HERE), font_paths=[str(FONTS)], ignore_system_fonts=True)


def inputs(paper: Paper) -> dict[str, str]:
    """What the template reads: the paper as JSON, and the signed body to attach."""
    return {"paper": json.dumps(_data(paper)), "body": paper.body.decode()}


def _data(paper: Paper) -> dict[str, Any]:
    """The paper as plain data for the template: instants in words, every text printable."""
    rows = asdict(paper) | {"as_of": paper.as_of, "closing": paper.closing}
    del rows["body"]
    kept = {"title": on_one_line(f"{paper.name}: {paper.heading}"), "url": paper.url, "file": paper.file}
    return dict(all_printable(_worded(rows))) | kept


def _worded(value: Any) -> Any:
    match value:
        case datetime():
            return moment_text(value)
        case dict():
            return {key: _worded(item) for key, item in value.items()}
        case list() | tuple():
            return [_worded(item) for item in value]
    return value
