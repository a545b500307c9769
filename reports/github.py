"""What a run tells GitHub Actions: annotations of the worst discrepancies, and the summary of the job.

An annotation is a line that GitHub reads from the output, so that foreign text in it is escaped as GitHub's own
toolkit does: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from reports.discrepancies import Discrepancy, of_record
from reports.markdown import fitting, size
from reports.outcome import outcome
from reports.record import FolderError, Record
from reports.summary import LIMIT
from reports.wording import clipped, counted

MOST = 10
"""Annotations of one kind that GitHub shows of a step."""

CUT = "*The rest does not fit into a job summary: the run folder has everything.*"
"""Stands in place of what GitHub would refuse."""

_LONGEST = 1000


def tell(lines: Sequence[str], markdown: str, environment: Mapping[str, str]) -> None:
    """In GitHub Actions, print annotations and add to the summary of the job; elsewhere nothing. Raises FolderError."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    for line in lines:
        print(line)
    if path := environment.get("GITHUB_STEP_SUMMARY"):
        append_summary(Path(path), markdown)


def of_run(record: Record) -> list[str]:
    """Make the lines for a run: an error for each of the worst discrepancies, then how many more there are."""
    result = outcome(record)
    found = of_record(record)
    if not found and not result.agrees:
        return [command("error", "gradproof", result.sentence)]
    return annotated(
        [(_title(item), _message(item)) for item in found], ("row with a discrepancy", "rows with a discrepancy")
    )


def annotated(errors: Sequence[tuple[str, str]], noun: tuple[str, str]) -> list[str]:
    """Make a line for each of the first errors, (title, message), and a notice of how many more there are."""
    lines = [command("error", title, message) for title, message in errors[:MOST]]
    if len(errors) > MOST:
        more = counted(len(errors) - MOST, f"more {noun[0]}", f"more {noun[1]}")
        lines.append(command("notice", "gradproof", f"{more}: the summary of the job has them"))
    return lines


def command(kind: str, title: str, message: str) -> str:
    """Write one annotation, ``::error title=…::…``, in one line whatever the texts hold."""
    return f"::{kind} title={_property(clipped(title, 200))}::{_data(clipped(message, _LONGEST))}"


def append_summary(path: Path, text: str) -> None:
    """Append markdown to the job summary, as much of it as GitHub takes. Raises FolderError.

    What stands there already, of an earlier command of the same step, counts too.
    """
    try:
        there = path.stat().st_size if path.exists() else 0
        room = LIMIT - there
        lines = text.splitlines()
        if sum(map(size, lines)) > room:
            lines = fitting(lines, room - size(CUT) - 1, ["", CUT])
        if room > size(CUT):
            with path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise FolderError(f"cannot write the job summary {path}: {error.strerror or error}") from error


def _title(item: Discrepancy) -> str:
    names = [name for name in (item.failure.backend, item.failure.case) if name]
    return ", ".join(names) or "gradproof"


def _message(item: Discrepancy) -> str:
    return ", ".join(part for part in (item.place, item.numbers, item.advice) if part)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
