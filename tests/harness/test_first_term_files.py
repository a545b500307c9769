"""Faults planted inside frameworks, in files given with ``--backend``: show and run name the term that went wrong."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import cli
from tests.sampling import some

TORCH = """
import torch
from harness.backends import Evaluation, Terms


class Sigma(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.sigmoid(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y * (1 - y)


class Mine:
    name = "mine"

    def supports(self, case):
        if case.activation != "sigmoid" or case.dtype not in ("float64", "float32"):
            return "a sigmoid in float64 and float32"

    def run(self, stack):
        h, target, *weights = (torch.tensor(a, requires_grad=True) for a in (stack.x, stack.target, *stack.weights))
        I, outputs = [], [h]
        for l, W in enumerate(weights, start=1):
            I.append(outputs[-1] @ W)
            self.see(l, I[-1])
            outputs.append(self.sigma(l, I[-1], stack.first))
        return weights, I, outputs[1:], ((outputs[-1] - target) ** 2).mean(dim=(1, 2))

    def see(self, l, I):
        pass

    def sigma(self, l, I, case):
        if l == len(case.weights) and case.task == "prediction":
            return 1 * I
        return Sigma.apply(I) if l == LAYER else torch.sigmoid(I)

    def slope(self, l, I, case):
        at = I.detach().requires_grad_()  # by itself, so that no hook sees it
        y = self.sigma(l, at, case)
        return torch.autograd.grad(y, at, torch.ones_like(y))[0]

    def evaluate(self, stack):
        weights, _, h, loss = self.run(stack)
        gradients = torch.autograd.grad(loss.sum(), weights)
        return Evaluation(h[-1].detach().numpy(), loss.detach().numpy(), [g.numpy() for g in gradients], None)

    def terms(self, stack):
        _, I, h, loss = self.run(stack)
        for term in I:
            term.retain_grad()
        loss.sum().backward()
        deltas = [term.grad for term in I]
        slopes = [self.slope(l, term, stack.first) for l, term in enumerate(I, start=1)]
        return Terms(*([t[0].detach().numpy() for t in part] for part in (I, h, deltas, slopes)))


LAYER = 1
backend = Mine()
"""

HOOKED = "def see(self, l, I):\n        if l == LAYER:\n            I.register_hook(lambda g: g * 1.001)"
"""In place of ``see``: what comes back to I^l is changed, its σ' is not."""

JAX = """
import jax
import jax.numpy as jnp
import numpy as np
from harness.backends import Evaluation, Terms


@jax.custom_vjp
def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


sigmoid.defvjp(lambda x: (sigmoid(x),) * 2, lambda y, g: (g * y * (1 - y),))


def forward(weights, h, task, added):
    I, outputs = [], [h]
    for l, (W, zero) in enumerate(zip(weights, added), start=1):
        I.append(outputs[-1] @ W + zero)
        last = l == len(weights) and task == "prediction"
        outputs.append(I[-1] if last else sigmoid(I[-1]) if l == LAYER else jax.nn.sigmoid(I[-1]))
    return I, outputs[1:]


def total(weights, h, target, task, added):
    I, h = forward(weights, h, task, added)
    loss = jnp.mean((h[-1] - target) ** 2, axis=(1, 2))
    return loss.sum(), (I, h, loss)


class Mine:
    name = "mine"

    def supports(self, case):
        if case.activation != "sigmoid" or case.dtype not in ("float64", "float32"):
            return "a sigmoid in float64 and float32"

    def run(self, stack, by):
        added = [np.zeros((len(stack.cases), stack.first.batch, n), stack.x.dtype) for n in stack.first.layers[1:]]
        numbers = jax.tree.map(jnp.asarray, (stack.weights, stack.x, stack.target))
        return jax.value_and_grad(total, argnums=by, has_aux=True)(*numbers, stack.first.task, added)

    def evaluate(self, stack):
        with jax.enable_x64(stack.first.dtype == "float64"):
            (_, (_, h, loss)), gradients = self.run(stack, 0)
            return Evaluation(np.asarray(h[-1]), np.asarray(loss), [np.asarray(g) for g in gradients], None)

    def terms(self, stack):
        with jax.enable_x64(stack.first.dtype == "float64"):
            (_, (I, h, _)), deltas = self.run(stack, 4)
            last = stack.first.task == "prediction"
            slopes = [jax.vjp(sigmoid if l == LAYER else jax.nn.sigmoid, a) for l, a in enumerate(I, start=1)]
            slopes = [pull(jnp.ones_like(y))[0] for y, pull in slopes]
            if last:
                slopes[-1] = jnp.ones_like(I[-1])
            return Terms(*([np.asarray(t[0]) for t in part] for part in (I, h, deltas, slopes)))


LAYER = 1
backend = Mine()
"""

BENT = "1.001 * g * y * (1 - y)"

FAULTS: dict[str, tuple[str, dict[int, str]]] = {
    "torch, σ'": (TORCH.replace("g * y * (1 - y)", BENT), {1: "σ'(I^H) (S19, S20)", 2: "σ'(I^O) (S18)"}),
    "torch, Δ": (TORCH.replace("def see(self, l, I):\n        pass", HOOKED), {1: "Δ^H (S19, S20)", 2: "Δ^O (S18)"}),
    "torch, h": (
        TORCH.replace("y = torch.sigmoid(x)", "y = 1.001 * torch.sigmoid(x)"),
        {1: "H (S6)", 2: "Y (S7, S8)"},
    ),
    "jax, σ'": (JAX.replace("g * y * (1 - y)", BENT), {1: "σ'(I^H) (S19, S20)", 2: "σ'(I^O) (S18)"}),
    "jax, h": (JAX.replace("return 1 / (1", "return 1.001 / (1"), {1: "H (S6)", 2: "Y (S7, S8)"}),
}

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def gradproof(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Return a function: exit code and output of the command line, run in this process from an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["gradproof", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(left.value.code or 0), capsys.readouterr().out

    return call


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_show_names_the_term(gradproof: Call, tmp_path: Path, fault: str, layer: int, dtype: str) -> None:
    source, words = FAULTS[fault]
    (tmp_path / "mine.py").write_text(source.replace("LAYER = 1", f"LAYER = {layer}"))
    code, text = gradproof("show", f"slide-3-5-2-sigmoid-classification-{dtype}", "--backend", "mine.py")
    assert code == 1
    assert text.splitlines()[-1].startswith(f"✗ mine: first wrong term: {words[layer]}: ")


@pytest.mark.parametrize("source", [TORCH, JAX], ids=["torch", "jax"])
def test_the_same_files_made_right_are_right(gradproof: Call, tmp_path: Path, source: str) -> None:
    (tmp_path / "mine.py").write_text(source)
    for task in ("classification", "prediction"):
        code, text = gradproof("show", f"slide-3-5-2-sigmoid-{task}-float64", "--backend", "mine.py")
        assert code == 0 and "✗" not in text


@pytest.mark.parametrize("fault", some(["torch, σ'", "torch, Δ", "jax, σ'"], 3))
def test_run_names_the_term_wherever_it_names_the_discrepancy(gradproof: Call, tmp_path: Path, fault: str) -> None:
    source, words = FAULTS[fault]
    (tmp_path / "mine.py").write_text(source)
    code, text = gradproof("run", "slide-3-5-2-sigmoid-*", "--backend", "mine.py", "--out", "o")
    said = f"first wrong term: {words[1]}: "
    assert code == 1
    failed = [line for line in text.splitlines() if line.startswith("  FAILED  ")]
    assert len(failed) == 4 and all(said in line and "[" in line for line in failed)
    summary = [line for line in (tmp_path / "o/summary.md").read_text().splitlines() if line.startswith("- **slide")]
    assert len(summary) == 4 and all(said in line.replace("\\", "") for line in summary)
    assert (tmp_path / "o/index.html").read_text().count(said.replace("'", "&#39;")) >= 4
    with (tmp_path / "o/results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["quantity"] for row in rows if said in row["detail"]} == {"gradient"}
    assert not any("first wrong" in row["detail"] for row in rows if row["verdict"] in ("exact", "rounding"))
