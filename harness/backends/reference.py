"""The slides' equations in NumPy: the matrix form, the scalar form, and the readings of the deck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.case import Array, Case
from harness.backends import Along, Evaluation, Terms
from harness.chains import between, layers, weighted
from harness.numbers.kinds import array_sigma as sigma
from harness.numbers.kinds import as_array as array
from harness.numbers.kinds import as_number as number
from harness.precision import PRECISIONS
from harness.stack import Stack
from reference import arrays, chain, error, neuron
from reference.activations import Formula, Sigma
from reference.backward import Backward, backward
from reference.layers import Layer
from reference.network import Forward, Network, forward
from reference.readings import DERIVATIVE, READINGS, Reading
from reference.update import update


def network(case: Case) -> Network:
    """The case's network on arrays of its dtype."""
    output = sigma("sigmoid", case.dtype) if case.task == "classification" else None
    return Network(sigma(case.activation, case.dtype), output)


def numbers(arrays_: Sequence[Array]) -> tuple[Any, ...]:
    """Arrays as the kind of number that their dtype is computed in."""
    return tuple(number(values) for values in arrays_)


def arrays_of(found: Sequence[Any]) -> list[Array]:
    """Results as arrays of their dtype."""
    return [array(result) for result in found]


@dataclass(frozen=True)
class MatrixForm:
    """S6–S9, S18, S20, S23, S26 on arrays, under one reading of the deck."""

    name: str
    reading: Reading = DERIVATIVE

    @property
    def chains(self) -> bool:
        """Every chain (S15, S16); the readings are of the plain network."""
        return self.reading is DERIVATIVE

    def supports(self, case: Case) -> str | None:
        """Everything; chains of other layers in the formats that NumPy computes in."""
        narrow = case.links is not None and PRECISIONS[case.dtype].narrow
        return "chains of other layers are for float64 and float32" if narrow else None

    def _run(self, stack: Stack) -> tuple[Forward, Backward]:
        net, weights = network(stack.first), numbers(stack.weights)
        with np.errstate(all="ignore"):
            run = forward(net, weights, number(stack.x))
            return run, backward(net, weights, run, number(stack.target), self.reading)

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward, error, backward, update."""
        if stack.first.links is not None:
            return self._chain(stack)
        run, back = self._run(stack)
        with np.errstate(all="ignore"):
            loss = error.total_error(error.error(run.Y, number(stack.target)))
            updated = update(numbers(stack.weights), back.gradients, stack.first.learning_rate)
        return Evaluation(array(run.Y), array(loss), arrays_of(back.gradients), arrays_of(updated))

    def _chain(self, stack: Stack) -> Evaluation:
        """S15 forward and S16 back, by the pullbacks of ``reference/layers``."""
        case, (values, _, gradients) = stack.first, self._links(stack)
        with np.errstate(all="ignore"):
            loss = error.total_error(error.error(values[-1], stack.target))
            updated = update(stack.weights, gradients, case.learning_rate)
        return Evaluation(values[-1], loss, gradients, list(updated))

    def _links(self, stack: Stack) -> tuple[list[Array], list[Array], list[Array]]:
        """Values from the input, ∂ℰ/∂ each but the input, and the gradients of the links that have a weight."""
        case = stack.first
        layers, weights = self.layers(case), between(case.chain, stack.weights)
        with np.errstate(all="ignore"):
            values = chain.forward(layers, weights, stack.x)
            deltas, gradients = chain.backward(layers, weights, values, error.slope(values[-1], stack.target))
        return values, deltas, weighted(case.chain, gradients)

    def layers(self, case: Case) -> list[Layer]:
        """The layers of a chain, on arrays."""
        return layers(case, lambda name: sigma(name, case.dtype), arrays)

    def along(self, stack: Stack) -> Along:
        """What every link makes of the first case, and ∂ℰ/∂ that."""
        values, deltas, _ = self._links(stack)
        return Along([value[0] for value in values[1:]], [delta[0] for delta in deltas])

    def pointwise(self, activation: str, x: Array) -> tuple[Array, Array] | None:
        """The formulas of ``reference/activations``."""
        its, at = sigma(activation, x.dtype.name), number(x)
        with np.errstate(all="ignore"):
            value = its.value(at)
            return array(value), array(its.derivative(at, value))

    def terms(self, stack: Stack) -> Terms:
        """I, h, Δ and σ' of the first case."""
        run, back = self._run(stack)
        slopes = _slopes(stack.first, run)
        parts = (arrays_of(part) for part in (run.I[1:], run.h[1:], back.deltas, slopes))
        return Terms(*([values[0] for values in part] for part in parts))


@dataclass(frozen=True)
class ScalarForm:
    """S1, S2, S17–S19, S22: loops over nodes and links; each number is the K cases' numbers at once."""

    name: str = "reference-neuron"

    def supports(self, case: Case) -> str | None:
        """Everything but narrow formats, in which it would add in storage precision."""
        return "adds link by link, so in storage precision" if PRECISIONS[case.dtype].narrow else None

    def evaluate(self, stack: Stack) -> Evaluation:
        """One walk forward and one back for each sample, then S22 and S13 link by link."""
        case, x, target = stack.first, stack.x, stack.target
        (K, B, _), N_O = x.shape, target.shape[-1]
        output, total = np.zeros_like(target), np.zeros(K, x.dtype)
        gradients = [np.zeros_like(w) for w in stack.weights]
        with np.errstate(all="ignore"):
            for b in range(B):
                _, h, _, changes, e = self._sample(stack, b)
                for j in range(N_O):
                    output[:, b, j] = h[len(stack.weights), j + 1]
                    total += e[j] * e[j]
                for ((l, i), (_, j)), change in changes.items():
                    gradients[l][:, i - 1, j - 1] += change
            loss = total / np.asarray(B * N_O, x.dtype)
            alpha = case.learning_rate
            updated = [w - alpha * dw for w, dw in zip(stack.weights, gradients, strict=True)]
        return Evaluation(output, loss, gradients, updated)

    def _sample(self, stack: Stack, b: int) -> tuple[Any, Any, Any, Any, list[Array]]:
        case, depth = stack.first, len(stack.weights)
        (_, B, N_I), N_O = stack.x.shape, stack.target.shape[-1]
        links = neuron.links(case.layers)
        w = {link: stack.weights[link[0][0]][:, link[0][1] - 1, link[1][1] - 1] for link in links}
        x = {(0, i + 1): stack.x[:, b, i] for i in range(N_I)}
        sigma = _sigma_of(case)
        I, h = neuron.forward(links, w, x, sigma)
        e = [stack.target[:, b, j] - h[depth, j + 1] for j in range(N_O)]
        slopes = {(depth, j + 1): -2 * e[j] / (B * N_O) for j in range(N_O)}
        epsilon, changes = neuron.backward(links, w, I, h, slopes, sigma)
        return I, h, epsilon, changes, e

    def terms(self, stack: Stack) -> Terms:
        """I, h, Δ and σ' of the first case, gathered from the nodes."""
        case = stack.first
        with np.errstate(all="ignore"):
            runs = [list(self._sample(stack, b)[:3]) for b in range(case.batch)]
            for run in runs:
                I, h, _ = run
                run.append({node: _sigma_of(case)(node[0]).derivative(I[node], h[node]) for node in I})

        def gather(part: int) -> list[Array]:
            widths = enumerate(case.layers[1:], start=1)
            return [np.array([[run[part][l, j + 1][0] for j in range(n)] for run in runs]) for l, n in widths]

        return Terms(*(gather(part) for part in range(4)))


@dataclass(frozen=True)
class KronForm:
    """S23 and S24: ΔW = Σ h ⊗ Δ over the samples, by `numpy.kron` of a column and a row; all else in matrix form."""

    name: str = "reference-kron"

    def supports(self, case: Case) -> str | None:
        """Everything but narrow formats, in which it would add in storage precision."""
        return "adds sample by sample, so in storage precision" if PRECISIONS[case.dtype].narrow else None

    def evaluate(self, stack: Stack) -> Evaluation:
        """Forward and errors back in matrix form, then S23 sample by sample and case by case."""
        run, back = matrix._run(stack)
        with np.errstate(all="ignore"):
            loss = error.total_error(error.error(run.Y, stack.target))
            gradients = [_kronecker(h, delta) for h, delta in zip(run.h[:-1], back.deltas, strict=True)]
            updated = update(stack.weights, gradients, stack.first.learning_rate)
        return Evaluation(run.Y, loss, gradients, list(updated))

    def terms(self, stack: Stack) -> Terms:
        """I, h, Δ and σ' are those of the matrix form."""
        return matrix.terms(stack)


def _kronecker(h: Array, delta: Array) -> Array:
    """ΔW (K, N_l, N_{l+1}) from h (K, B, N_l) and Δ (K, B, N_{l+1}): for each sample a column times a row (S24)."""
    total = np.zeros((len(h), h.shape[-1], delta.shape[-1]), h.dtype)
    for k, b in np.ndindex(*h.shape[:2]):
        total[k] += np.kron(h[k, b, :, None], delta[k, b, None, :])
    return total


def _slopes(case: Case, run: Forward) -> list[Any]:
    """σ'(I^l) of each layer as the backward pass takes it; ones at a linear output."""
    net = network(case)
    with np.errstate(all="ignore"):
        sigmas = [*(net.hidden for _ in run.I[2:]), net.output or sigma("identity", case.dtype)]
        return [its.derivative(I, h) for its, I, h in zip(sigmas, run.I[1:], run.h[1:], strict=True)]


def _sigma_of(case: Case) -> Callable[[int], Sigma]:
    """σ of each layer of nodes: the output's is sigmoid (S8) or linear (S9)."""
    hidden = Formula(case.activation, arrays)
    output = Formula("sigmoid" if case.task == "classification" else "identity", arrays)
    depth = len(case.weights)
    return lambda l: output if l == depth else hidden


matrix = MatrixForm("reference")
scalar = ScalarForm()
kron = KronForm()
readings = tuple(MatrixForm(f"reading-{reading.name}", reading) for reading in READINGS)
