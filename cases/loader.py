"""From case files to cases: all of them, or all of their faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cases.case import DTYPES, Case
from cases.document import read_document
from cases.faults import CaseFileError, Complaint, Fault, described, printable, quoted
from cases.schema import EXPECTED, Block, Identity, block_complaints, unknown_key
from cases.shapes import overflow_complaints, shape_complaints

MOST_COMPLAINTS = 20
"""How many complaints of one block are shown; of more than that, the rest is counted."""


@dataclass(frozen=True, eq=False)
class _Entry:
    """One ``[[case]]`` of a file: ``block`` where it is valid, ``identity`` where its name is."""

    file: Path
    place: str
    block: Block | None
    identity: Identity | None


def load(paths: Sequence[Path]) -> list[Case]:
    """Return the cases of all files, in the order of the files and blocks, each block expanded.

    A block expands to the product of its activations, tasks and dtypes, the last changing fastest.
    Raises CaseFileError with every fault of every file, and never anything else for any content.
    """
    faults: list[Fault] = []
    entries: list[_Entry] = []
    for path in paths:
        try:
            document = read_document(path)
        except CaseFileError as error:
            faults += error.faults
            continue
        faults += [complaint.at(path) for complaint in _capped(_document_complaints(document))]
        tables = document.get("case")
        for number, table in enumerate(tables if isinstance(tables, list) else []):
            entry, complaints = _examined(path, number, table)
            entries.append(entry)
            faults += [complaint.at(path, entry.place) for complaint in _capped(complaints)]
    faults += _repeated_names(entries)
    if faults:
        raise CaseFileError(faults)
    return [case for entry in entries if entry.block for case in entry.block.cases()]


def catalogue() -> list[Path]:
    """Return the files of the default catalogue, sorted by name."""
    return sorted((Path(__file__).parent / "catalogue").glob("*.toml"))


def _document_complaints(document: Mapping[str, object]) -> list[Complaint]:
    complaints = []
    for name in document:
        if name in EXPECTED:
            found, expected = "a case's key outside of a case", "[[case]] tables only"
            complaints.append(Complaint(name, found, expected, "write [[case]] above it"))
        elif name != "case":
            complaints.append(unknown_key(name, ("case",)))
    tables = document.get("case")
    if tables is None or tables == []:
        found = "no [[case]]" if document else "an empty file"
        complaints.append(Complaint("", found, "at least one [[case]] table"))
    elif not isinstance(tables, list):
        suggestion = "write [[case]]" if isinstance(tables, dict) else ""
        complaints.append(Complaint("case", described(tables), "[[case]] tables", suggestion))
    return complaints


def _examined(path: Path, number: int, table: object) -> tuple[_Entry, list[Complaint]]:
    if not isinstance(table, dict):
        place = f"case[{number}]"
        return _Entry(path, place, None, None), [Complaint("", described(table), "a [[case]] table")]
    name = table.get("name")
    place = f"case[{number}] {quoted(name)}" if name and isinstance(name, str) else f"case[{number}]"
    block, complaints = _validated(table)
    dtypes = _dtypes(table)
    complaints += shape_complaints(table)
    complaints += overflow_complaints(table, dtypes)
    return _Entry(path, place, block, _identity(table)), complaints


def _validated(table: dict[str, object]) -> tuple[Block | None, list[Complaint]]:
    try:
        return Block.model_validate(table), []
    except ValidationError as error:
        return None, block_complaints(error)


def _identity(table: dict[str, object]) -> Identity | None:
    try:
        return Identity.model_validate(table)
    except ValidationError:
        return None


def _dtypes(table: Mapping[str, object]) -> list[str]:
    """Return the dtypes that a block names rightly, so that its numbers are checked in any event."""
    named = table.get("dtype")
    listed = named if isinstance(named, list) else [named]
    return [dtype for dtype in DTYPES if dtype in listed] or ["float64"]


def _repeated_names(entries: Sequence[_Entry]) -> list[Fault]:
    faults: list[Fault] = []
    owners: dict[str, _Entry] = {}
    for entry in entries:
        names = entry.identity.names if entry.identity else []
        shared: dict[_Entry, list[str]] = {}
        for name in names:
            owner = owners.setdefault(name, entry)
            if owner is not entry:
                shared.setdefault(owner, []).append(name)
        faults += [_repeated(entry, owner, again) for owner, again in shared.items()]
    return faults


def _repeated(entry: _Entry, owner: _Entry, names: Sequence[str]) -> Fault:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    found = f"{quoted(names[0])}{more}, named already by {owner.place} of {printable(str(owner.file))}"
    return Complaint("name", found, "a name of its own").at(entry.file, entry.place)


def _capped(complaints: Sequence[Complaint]) -> list[Complaint]:
    shown = list(complaints[:MOST_COMPLAINTS])
    more = len(complaints) - len(shown)
    return [*shown, Complaint("", f"{more} more faults", "none")] if more else shown
