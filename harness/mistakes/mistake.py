"""What a mistake is: one change to the recipe of the whole run, and what to tell whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.mistakes.recipe import Recipe, Setting

Change = Callable[[Recipe], Recipe]
Unless = Callable[[Setting], str | None]


def anywhere(setting: Setting) -> str | None:
    """It can show in every setting."""
    return None


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation of back-propagation, derived from the reference by one change.

    ``what`` says in a sentence what is done, ``equations`` which equations that breaks, ``fix`` what to do.
    ``unless(setting)`` is the reason why it cannot show in a setting, where it is the same program there.
    ``variant_of`` names the mistake of which it is a variant. ``call``: the call on one case from which it
    shows, 2 where something is kept from the first. ``computed_in`` is the format inside, where it is not the
    case's. ``rounding``: in exact numbers it is no mistake at all.
    """

    name: str
    what: str
    equations: str
    fix: str
    change: Change
    unless: Unless = anywhere
    variant_of: str = ""
    call: int = 1
    computed_in: str = ""
    rounding: bool = False

    @property
    def kind(self) -> str:
        """The mistake that it is a variant of, or itself."""
        return self.variant_of or self.name


def all_of(*reasons: Unless) -> Unless:
    """It shows only where no reason applies; the first that does is given."""
    return lambda setting: next((why for reason in reasons if (why := reason(setting)) is not None), None)


def one_sample(setting: Setting) -> str | None:
    """Nothing to average or to mix."""
    return "one sample" if setting.batch == 1 else None


def no_hidden_layer(setting: Setting) -> str | None:
    """Nothing to send an error back to."""
    return "no hidden layer" if setting.depth == 1 else None


def only_task(task: str) -> Unless:
    """The other task has no such step."""
    return lambda setting: None if setting.task == task else f"only in {task}"


def only_activation(*names: str) -> Unless:
    """Another σ has no such place."""
    return lambda setting: None if setting.activation in names else f"only with {' or '.join(names)}"


def not_activation(*names: str) -> Unless:
    """With this σ it is the same function."""
    return lambda setting: f"the same for {setting.activation}" if setting.activation in names else None
