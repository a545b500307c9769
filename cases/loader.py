"""From case files to cases: all of them, or all of their faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cases.case import DTYPES, Case
from cases.chains import chain_complaints, narrow_complaint, unused_activation
from cases.document import read_document
from cases.families import FAMILY_EXPECTED, Family, FamilyIdentity
from cases.faults import CaseFileError, Complaint, Fault, described, printable, quoted
from cases.schema import EXPECTED, Block, Identity, block_complaints, unknown_key
from cases.shapes import overflow_complaints, shape_complaints

KINDS = {"case": EXPECTED, "family": FAMILY_EXPECTED}
"""Kinds of blocks, with the keys of each; the cases of a file come before its families."""

_TABLES = " or ".join(f"[[{kind}]]" for kind in KINDS)

MOST_COMPLAINTS = 20
"""How many complaints of one block are shown; of more than that, the rest is counted."""


@dataclass(frozen=True, eq=False)
class _Entry:
    """One block of a file: ``block`` where it is valid, ``identity`` where its name is."""

    file: Path
    place: str
    block: Block | Family | None
    identity: Identity | None


def load(paths: Sequence[Path]) -> list[Case]:
    """Return the cases of all files, in the order of the files and blocks, each block expanded.

    TOML does not tell how blocks of two kinds were mixed, so a file's ``[[case]]`` blocks come first.

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
        for kind in KINDS:
            tables = document.get(kind)
            for number, table in enumerate(tables if isinstance(tables, list) else []):
                entry, complaints = _examined(path, kind, number, table)
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
    for name, value in document.items():
        if name in KINDS:
            if not isinstance(value, list):
                suggestion = f"write [[{name}]]" if isinstance(value, dict) else ""
                complaints.append(Complaint(name, described(value), f"[[{name}]] tables", suggestion))
            continue
        owners = [f"[[{kind}]]" for kind, expected in KINDS.items() if name in expected]
        if owners:
            found, expected = "a block's key outside of a block", f"{_TABLES} tables only"
            complaints.append(Complaint(name, found, expected, f"write {' or '.join(owners)} above it"))
        else:
            complaints.append(unknown_key(name, tuple(KINDS)))
    if all(document.get(kind) in (None, []) for kind in KINDS):
        found = f"no {_TABLES}" if document else "an empty file"
        complaints.append(Complaint("", found, f"at least one {_TABLES} table"))
    return complaints


def _examined(path: Path, kind: str, number: int, table: object) -> tuple[_Entry, list[Complaint]]:
    place = f"{kind}[{number}]"
    if not isinstance(table, dict):
        return _Entry(path, place, None, None), [Complaint("", described(table), f"a [[{kind}]] table")]
    name = table.get("name")
    if name and isinstance(name, str):
        place = f"{place} {quoted(name)}"
    block, complaints = _validated(kind, table)
    if kind == "case":
        complaints += _together(table)
        complaints += chain_complaints(table) if "layers" in table else shape_complaints(table)
        complaints += overflow_complaints(table, _dtypes(table))
        if isinstance(block, Block) and not complaints:
            complaints += block.published_complaints()
    else:
        complaints += overflow_complaints({"learning_rate": table.get("learning_rate")}, _dtypes(table))
        complaints += block.complaints() if isinstance(block, Family) else []
    return _Entry(path, place, block, _identity(kind, table)), complaints


def _together(table: Mapping[str, object]) -> list[Complaint]:
    """Say what is wrong with keys that depend on each other: weights or layers, and what chains are for."""
    layers = table.get("layers")
    if "layers" not in table:
        return [] if "weights" in table else [Complaint("weights", "no such key", f"{EXPECTED['weights']} (required)")]
    complaints = []
    if "weights" in table:
        complaints.append(Complaint("weights", "weights beside layers", "one of the two", "layers have their weights"))
    if isinstance(layers, list) and "activation" not in layers and table.get("activation") != "identity":
        complaints.append(unused_activation())
    narrow = narrow_complaint(_dtypes(table))
    return [*complaints, narrow] if narrow else complaints


def _validated(kind: str, table: dict[str, object]) -> tuple[Block | Family | None, list[Complaint]]:
    try:
        return (Block if kind == "case" else Family).model_validate(table), []
    except ValidationError as error:
        return None, block_complaints(error, KINDS[kind])


def _identity(kind: str, table: dict[str, object]) -> Identity | None:
    try:
        return (Identity if kind == "case" else FamilyIdentity).model_validate(table)
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
