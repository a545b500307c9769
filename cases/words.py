"""Words in case files: slugs, choices from a list of known words, and lists of either, each once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import PlainValidator, ValidationInfo

from cases.case import SLUG
from cases.faults import Complaint, Rejected, described, did_you_mean, one_of, quoted

T = TypeVar("T")

SLUG_RULE = 'a slug of a-z and 0-9, with single - _ . between, such as "slide-3-5-2"'


def slug(value: object, info: ValidationInfo) -> str:
    """Return a field's value if it is a slug. Raises Rejected."""
    return slug_at(value, str(info.field_name))


def slug_at(value: object, where: str) -> str:
    """Return ``value`` if it is a slug. Raises Rejected with a slug made from it, where there is one."""
    if isinstance(value, str) and SLUG.fullmatch(value):
        return value
    near = slug_from(value) if isinstance(value, str) else ""
    raise Rejected([Complaint(where, described(value), SLUG_RULE, f"write {quoted(near)}" if near else "")])


def slug_from(text: str) -> str:
    """Return a slug that reads like ``text``, or "" where no letter or digit of it is ASCII."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    dashed = re.sub(r"[^a-z0-9._-]+", "-", plain)
    return re.sub(r"([-_.])[-_.]+", r"\1", dashed).strip("-_.")


def word_at(value: object, where: str, known: Sequence[str]) -> str:
    """Return ``value`` if it is a known word. Raises Rejected with the closest one."""
    if isinstance(value, str) and value in known:
        return value
    suggestion = did_you_mean(value, known) if isinstance(value, str) else ""
    raise Rejected([Complaint(where, described(value), one_of(known), suggestion)])


def each_once(value: list[object], where: str, check: Callable[[object, str], T]) -> tuple[T, ...]:
    """Check each entry of a list, refuse repeated ones, and collect what is wrong with all."""
    complaints: list[Complaint] = []
    accepted: dict[T, int] = {}
    for number, entry in enumerate(value):
        place = f"{where}[{number}]"
        try:
            word = check(entry, place)
        except Rejected as rejected:
            complaints += rejected.complaints
            continue
        if word in accepted:
            found = f"{quoted(word) if isinstance(word, str) else described(entry)} again"
            complaints.append(Complaint(place, found, f"each value once ({where}[{accepted[word]}] has it)"))
        accepted.setdefault(word, number)
    if complaints:
        raise Rejected(complaints)
    return tuple(accepted)


def choices(known: Sequence[str]) -> PlainValidator:
    """Return the validator of one known word or a list of them, which returns a tuple of them."""

    def check(value: object, info: ValidationInfo) -> tuple[str, ...]:
        where = str(info.field_name)
        if not isinstance(value, list):
            return (word_at(value, where, known),)
        if not value:
            raise Rejected([Complaint(where, "an empty list", f"{one_of(known)}, or a list of them")])
        return each_once(value, where, lambda entry, place: word_at(entry, place, known))

    return PlainValidator(check)


def tag_list(value: object, info: ValidationInfo) -> tuple[str, ...]:
    """Return a field's list of slugs, each once, as a tuple. Raises Rejected."""
    where = str(info.field_name)
    if isinstance(value, list):
        return each_once(value, where, slug_at)
    suggestion = f"write [{quoted(value)}]" if isinstance(value, str) and SLUG.fullmatch(value) else ""
    raise Rejected([Complaint(where, described(value), "a list of slugs", suggestion)])
