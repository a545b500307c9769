"""The command line. Importing this file imports click and nothing else of weight."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from harness.bench.options import bench
from harness.options import SECONDS, case_files, dtypes, scheduler_option, workers_option
from harness.shadow import PACKAGES, shadow

__all__ = ["PACKAGES", "cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gradproof", message="%(package)s %(version)s")
def cli() -> None:
    """Check gradients against exact values, with no tolerance chosen by hand.

    The slides' back-propagation equations in NumPy, PyTorch and JAX run on a catalogue of cases. Every entry of
    every gradient and updated weight is held against its exact value and a derived rounding bound.

    Exit codes: 0 all agree; 1 a discrepancy; 2 bad usage, bad file, nothing selected; 3 incomplete (a required
    backend is missing, crashed or timed out).
    """


cli.add_command(bench)


@cli.command()
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@case_files
@click.option(
    "--backend", "backends", multiple=True, metavar="NAME|FILE.py",
    help="Only this backend, by name or as a Python file that defines `backend`; may be repeated.",
)  # fmt: skip
@dtypes
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True,
    help="Where torch and jax compute; on cuda, TF32 on and off are two routes.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("build/report"), show_default=True, metavar="DIR",
    help="The run folder to write.",
)  # fmt: skip
@workers_option
@click.option(
    "--timeout", type=SECONDS, default=None, metavar="SECONDS",
    help="How long one task (up to a few hundred cases) may take, 900 by default; imports count apart. A backend that "
    "takes longer is timed-out there, and the rest goes on.",
)  # fmt: skip
@click.option(
    "--resume", is_flag=True, help="Go on with a run that was killed: do what is not in its folder's journal."
)
@scheduler_option
@click.option("--quick", is_flag=True, help="Only the cases tagged `quick`.")
def run(**options: Any) -> None:
    """Run cases on backends, compare with the exact values, report, and gate.

    PATTERN is a shell pattern on case names (`slide*relu*`), a block's name (all its expansions), or a tag
    (`tag:quick`). Without one, the whole catalogue runs.

    A backend that raises, exits, is killed, hangs or eats memory costs the cases of its own task and nothing else:
    their rows say what it did, everything else is compared, and the exit code is 3. DIR/journal.jsonl has each task
    as soon as it is done; --resume takes it up, and refuses one of other cases, backends or versions.
    """
    from harness.commands.run import command

    sys.exit(command(**options))


@cli.command("list")
@click.argument("what", type=click.Choice(["cases", "backends", "activations", "equations", "mistakes"]))
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@case_files
def list_(what: str, patterns: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """List cases, backends, activations, mistakes, or the slides' equations with the outcome of their checks; with
    a PATTERN only those whose names fit it (`torch*`, `S1?`; for cases as in `gradproof run`)."""
    from harness.commands.list import command

    sys.exit(command(what, files, patterns))


@cli.command()
@click.argument("case", metavar="CASE")
@case_files
@click.option(
    "--backend", "backends", multiple=True, metavar="NAME|FILE.py",
    help="This backend, by name or as a Python file, instead of the usual four; may be repeated.",
)  # fmt: skip
@dtypes
def show(**options: Any) -> None:
    """Show one case term by term: each equation, the exact value, and every backend's.

    CASE is a case's name, or a block's name for each activation and task in its first precision. A backend that
    has `terms(stack)` shows its I, h, σ' and Δ too. What is outside its bound is marked ✗, and at the end stands
    the first wrong term.

    Exit codes: 1 if anything that is shown is outside its bound, otherwise those of a run of it.
    """
    from harness.commands.show import command

    sys.exit(command(**options))


@cli.command()
@click.option(
    "--mistake", default=None, metavar="NAME",
    help="Show where this mistake is not the derivative, as formulas (see gradproof list mistakes).",
)  # fmt: skip
@click.option("--reading", default=None, metavar="NAME", help="The same for a reading of the deck: sign, scale, outer.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, metavar="DIR",
    help="Write certificate.json and certificate.html into DIR.",
)  # fmt: skip
@workers_option
def prove(**options: Any) -> None:
    """Prove that the slides' equations are the derivative of the total error.

    By symbols, for all weights and any differentiable activation: sympy's derivative of S11 minus what reference/
    computes is exactly 0 for each weight. Then in exact numbers, for every case of the catalogue.

    Exit codes: 0 proved; 1 some derivative is not what the equations say.
    """
    from harness.commands.prove import command

    sys.exit(command(**options))


@cli.command()
@click.argument("run_a", type=click.Path(path_type=Path), metavar="RUN_A")
@click.argument("run_b", type=click.Path(path_type=Path), metavar="RUN_B")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, metavar="DIR",
    help="Write diff.md and diff.csv, which has every change, into DIR.",
)  # fmt: skip
def diff(**options: Any) -> None:
    """Say what changed from one run to another: what did this upgrade do?

    RUN_A and RUN_B are run folders (gradproof run --out DIR), the older first. What changed verdict, convention,
    known deviation, or more than twofold in ulps is grouped, worse first, with both runs' versions; a distance below
    1 ulp counts as 1. Cases that have other numbers under the same name are shown apart.

    Exit codes: 0 nothing got worse; 1 something did: a verdict, the gate, a lost case or required backend, or what
    the check is worth; 2 one of them is no run folder.
    """
    from harness.commands.diff import command

    sys.exit(command(**options))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
def check(files: tuple[Path, ...]) -> None:
    """Check case files: every fault of every file, or the cases they hold."""
    from harness.commands.check import command

    sys.exit(command(files))


@cli.command()
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE.py]")
@click.option(
    "--command", "program", default=None, metavar="CMD",
    help="A program, of any language, that reads a case a line and writes an answer a line, as JSON.",
)  # fmt: skip
@case_files
@dtypes
@click.option("--all", "every", is_flag=True, help="The whole catalogue, not only the cases tagged `grade`.")
@click.option(
    "--convention", "conventions", multiple=True, metavar="ACTIVATION=MEMBER",
    help="The derivative allowed exactly on a kink, such as relu=right; the deck's is left: ReLU'(0) = 0.",
)  # fmt: skip
@click.option(
    "--timeout", type=SECONDS, default=10.0, show_default=True, metavar="SECONDS",
    help="How long one case may take.",
)  # fmt: skip
def grade(**options: Any) -> None:
    """Judge somebody's own implementation, and say what is wrong with it.

    FILE.py defines `backprop(x, weights, target, activation, task)`, which returns the list of gradients, or a dict
    with any of output, loss, gradients, updated; and, if it likes, `update(weights, gradients, learning_rate)`. If
    `backprop` has an argument `learning_rate`, it is given that too. NotImplementedError means that it does not
    cover a case.

    x is (samples, inputs), target (samples, outputs), weights[l] (nodes before, nodes after), all of one dtype, which
    is to be kept; there is no bias. Hidden layers have the activation (see gradproof list activations); the output is a
    sigmoid for the task classification and linear for prediction. The loss is the mean of the squared errors over
    samples and outputs, and each gradient has the shape of its weights.

    A program reads lines such as {"id": "a", "x": [[1.0, 2.0]], "weights": [[[0.5], [0.25]]], "target": [[1.0]],
    "activation": "relu", "task": "prediction", "learning_rate": 0.1, "dtype": "float64"} and answers each with a line
    {"id": "a", "gradients": [[[0.0], [0.0]]]}, with output, loss and updated if it likes, or {"id": "a",
    "unsupported": "reason"}; it must write each line out at once.

    The answer: what is right, the first wrong term, the mistake that it looks like with the equation and the fix, and
    the smallest case that shows it.

    A candidate is code that runs with your own rights, in a process of its own: read it before you grade it.

    Exit codes: 0 all that it covers is right; 1 something is wrong, raises, hangs or has the wrong form; 2 it cannot
    be run at all; 3 it covers nothing.
    """
    from harness.commands.grade import command

    sys.exit(command(**options))


@cli.command()
@click.option("--cases", "count", type=click.IntRange(min=1), default=2000, show_default=True, help="So many networks.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the networks.")
@click.option(
    "--backend", "backends", multiple=True, metavar="NAME|FILE.py",
    help="Only this backend or route; may be repeated. By default reference, reference-neuron, torch and jax.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, metavar="DIR",
    help="Write the cases that exceed the bound into DIR as a case file.",
)  # fmt: skip
@workers_option
@scheduler_option
def fuzz(**options: Any) -> None:
    """Try random and adversarial networks, and chains of other links: does any backend leave the bound?

    Prints the largest share (error over bound) per backend, precision and kind of numbers; exit code 1 if any
    is above 1.
    """
    from harness.commands.fuzz import command

    sys.exit(command(**options))


def main() -> None:
    """Entry point of the console script."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  (open as long as the program)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    shadowed = shadow()
    if shadowed is not None:
        click.echo(f"gradproof: {shadowed}", err=True)
        sys.exit(2)
    # the same rows on every machine of a kind, whatever its number of cores
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.exit(_run())


def _run() -> int:
    """Run a command; whatever happens becomes an exit code, and a sentence where something went wrong."""
    from harness.commands import Incomplete, Interrupted, UserError

    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except UserError as error:
        return _say(str(error), 2)
    except Incomplete as error:
        return _say(str(error), 3)
    except Interrupted as error:
        return _say(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted; nothing was written", 130)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _say(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 2)
    return 0


def _say(sentence: str, code: int) -> int:
    click.echo(f"gradproof: {sentence}", err=True)
    return code


if __name__ == "__main__":
    main()
