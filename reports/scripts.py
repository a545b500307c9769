"""Scripts in the page: each inlined as it stands, and allowed by its hash alone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

_ABOUT = re.compile(r"//|/\*\*.*\*/$")
"""A line that is a comment."""

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Script:
    """The text between the tags, and its hash as a Content-Security-Policy names it."""

    text: Markup
    source: str


def script(*names: str) -> Script:
    """The scripts of these names, one after another in one scope of their own, without comments and indentation."""
    parts = [(FOLDER / name).read_text(encoding="utf-8") for name in names]
    lines = [line.strip() for part in parts for line in part.splitlines()]
    text = "\n".join(('"use strict";', "{", *(line for line in lines if line and not _ABOUT.match(line)), "}", ""))
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return Script(Markup(text), f"'sha256-{base64.b64encode(digest).decode('ascii')}'")


def policy(scripts: Iterable[Script] = ()) -> Markup:
    """A Content-Security-Policy under which nothing is loaded, and nothing runs but these."""
    sources = " ".join(one.source for one in scripts)
    return Markup("default-src 'none'; style-src 'unsafe-inline'" + (f"; script-src {sources}" if sources else ""))
