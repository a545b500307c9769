"""The certificate by itself: what `gradproof prove` prints, and its own page."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from reports.certificate import EXPLANATION, Certificate, Step, parsed
from reports.page import environment
from reports.record import encode, save
from reports.wording import plain

DATA = "certificate.json"
PAGE = "certificate.html"

MOST = 30
"""How many differences that are not 0 are printed of a step."""

NARROWEST = 60
"""Columns of a terminal below which lines are left to it to break."""


def write(folder: Path, found: Mapping[str, Any]) -> list[Path]:
    """Write the certificate and its page into ``folder``. Raises FolderError."""
    paths = [folder / DATA, folder / PAGE]
    save(paths[0], json.dumps(encode(found), ensure_ascii=False, indent=1) + "\n")
    save(paths[1], page(parsed(found)))
    return paths


def page(found: Certificate) -> str:
    """The certificate as one self-contained page, every derivative of the deck's network in full."""
    return environment().get_template("certificate.html.j2").render(proof=found)


def show(found: Mapping[str, Any], to: Console) -> None:
    """Print the certificate; on a terminal in lines that fit it."""
    width = to.width if to.is_terminal and to.width >= NARROWEST else 0
    for line, style in lines(parsed(found)):
        indent = " " * (len(line) - len(line.lstrip()))
        parts = textwrap.wrap(line, width, subsequent_indent=indent + "  ") if width else [line]
        for part in parts or [""]:
            to.print(Text(part, style=style), soft_wrap=True)


def lines(found: Certificate) -> Iterator[tuple[str, str]]:
    """Every line, with its style."""
    yield EXPLANATION, ""
    yield "", ""
    for number, step in enumerate(found.steps, start=1):
        yield (
            f"{step.mark} {number}. {plain(step.title)}  ({plain(step.equation)})",
            "bold" if step.proved else "bold red",
        )
        yield from ((f"     {plain(formula.text)}", "") for formula in step.formulas)
        yield f"   {plain(step.words)}", ""
        yield f"   {step.mark} {plain(step.note)}.", ""
        yield from ((line, "red") for line in _faults(step))
        yield "", ""
    yield from _listed("What is proved", found.proves)
    yield from _listed("What is not", found.leaves_open)
    yield f"{plain(found.heading)}.", "bold" if found.proved else "bold red"


def _faults(step: Step) -> Iterator[str]:
    for fault in step.wrong[:MOST]:
        of = f" ({plain(fault.where)})" if fault.where else ""
        rest = f" is off by {plain(fault.left_over.text)}" if fault.left_over.text else ""
        yield f"     ✗ {plain(fault.name)}{of}{rest}"
    if len(step.wrong) > MOST:
        yield f"     … and {len(step.wrong) - MOST:,} more"


def _listed(title: str, sentences: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if sentences:
        yield title, "bold"
        yield from ((f"  · {plain(sentence)}", "") for sentence in sentences)
        yield "", ""
