"""A run of gradproof's own for the tests of its page: every section of the page has something to show."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cases.loader import catalogue, load
from harness.backends import BACKENDS, Listing
from harness.cli import cli
from harness.proof.certificate import certificate
from harness.proof.evidence import Evidence, of_cases, of_structure
from harness.proof.networks import STRUCTURES
from reports.build import build
from reports.record import encode
from tests.reports.browser.faulty import NAME, Faulty

PATTERNS = (
    "slide-3-5-2",
    "slide-3-5-2-mixed",
    "kink-at-zero-relu-prediction-float64",
    "scan-softsign-float64",
    "learning-3-5-2-sigmoid-prediction-float64-0.1",
)
"""The lesson's cases, one exactly on a kink, a scan with a known deviation, and a training."""

OTHERS = ("reference", "torch", "jax", "reference-neuron")
"""Backends beside the faulty one; the last is a route for core cases, and one of those is quick."""

PLANTED = Listing(Faulty.__module__, "backend", "numpy", required=False, what="the reference, spoiled")


def run(folder: Path, *arguments: str, exit_code: int) -> Path:
    """Do as `gradproof run` does, in this process, which has the frameworks already; return the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["gradproof", "run", *arguments])
        with pytest.raises(SystemExit) as end:
            cli(["run", *arguments, "--workers", "1", "--out", str(folder)], standalone_mode=False)
    assert end.value.code == exit_code
    return folder / "index.html"


def real(folder: Path) -> Path:
    """Run the patterns with a faulty backend among the others, and prove the deck's network; return the page."""
    every = dict(BACKENDS)
    try:
        for name in every.keys() - set(OTHERS):
            del BACKENDS[name]
        BACKENDS[NAME] = PLANTED
        run(folder, *PATTERNS, "--dtype", "float64", exit_code=1)
    finally:
        BACKENDS.clear()
        BACKENDS.update(every)  # in their own order
    deck = [case for case in load([p for p in catalogue() if p.name == "slides.toml"]) if case.family == PATTERNS[0]]
    evidence = Evidence()
    for part, _ in (*map(of_structure, STRUCTURES[:2]), of_cases(deck)):
        evidence.add(part)
    text = json.dumps(encode(certificate(evidence)))
    (folder / "certificate.json").write_text(text, encoding="utf-8")
    build(folder)
    return folder / "index.html"
