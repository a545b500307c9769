"""Checks of single equations of the deck, on exact numbers: the text of ``reference/`` against the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flint
import numpy as np

from cases.case import Case
from harness.claims import Outcome, outcome
from harness.cost import scalar_changes
from harness.numbers.balls import Balls
from harness.numbers.jets import Jet
from harness.proof.balls import BITS, overlap, slides
from harness.truth import graph
from reference import arrays, error, neuron
from reference.activations import Formula
from reference.network import Network, forward
from reference.readings import OUTER, SCALE, SIGN

Check = Callable[[Case], Outcome]


def feed_forward(case: Case) -> Outcome:
    """S1: as many links as weights."""
    count = len(neuron.links(case.layers))
    return outcome(count == sum(w.size for w in case.weights), f"{case.structure} has {count} links, one a weight")


def one_neuron(case: Case) -> Outcome:
    """S2: each hidden node by its own sum, against the truth's H."""
    sigma = Formula(case.activation, Balls)
    with flint.ctx.workprec(BITS):
        x = [_ball(v) for v in case.x[0]]
        columns = [[_ball(v) for v in column] for column in case.weights[0].T]
        exact = Balls(graph(case).h[0].value.tolist())
        holds = all(neuron.neuron(x, w, sigma).overlaps(exact.entry(0, j)) for j, w in enumerate(columns))
    return outcome(holds, f"each of the {len(columns)} hidden nodes of {case.structure} overlaps the truth on balls")


def sigmoid(case: Case) -> Outcome:
    """S3: and its derivative, against series arithmetic."""
    sigma, points = Formula("sigmoid", Balls), (-30.0, -1.0, 0.0, 0.5, 30.0)
    with flint.ctx.workprec(BITS):
        by_formula = [sigma.derivative(Balls([p]), sigma.value(Balls([p]))).entries[0] for p in points]
        jets = [Formula("sigmoid", Jet).value(Jet.variable(flint.arb(p))) for p in points]
        holds = all(a.overlaps(jet.slope) for a, jet in zip(by_formula, jets, strict=True))
    return outcome(holds, "and σ' = σ(1 − σ), which the deck leaves out, by series arithmetic on balls")


def relu(case: Case) -> Outcome:
    """S4: the values, and the derivative that the deck leaves open."""
    sigma, x = Formula("relu", arrays), np.array([-2.0, -0.0, 0.0, 3.0])
    y = sigma.value(x)
    holds = np.array_equal(y, [0, 0, 0, 3]) and np.array_equal(sigma.derivative(x, y), [0, 0, 0, 1])
    return outcome(holds, "the deck leaves ReLU'(0) open; taken as 0, for S4 puts 0 on the ≤ side", condition=True)


def printed_numbers(case: Case) -> Outcome:
    """S5: the deck's own case."""
    inputs = (case.x @ case.weights[0])[0].round(6).tolist()
    holds = case.layers == (3, 5, 2) and inputs == [0.06, 0.152, 0.11, 0.9, 0.19]
    return outcome(holds, f"H's nodes receive {inputs}; target and learning rate are ours")


def hidden_values(case: Case) -> Outcome:
    """S6: H against the truth."""
    network = Network(Formula(case.activation, Balls), Formula("sigmoid", Balls))
    with flint.ctx.workprec(BITS):
        x, *weights = (Balls(np.asarray(part, np.float64)) for part in (case.x, *case.weights))
        holds = forward(network, weights, x).h[1].overlaps(Balls(graph(case).h[0].value.tolist()))
    return outcome(holds, "H overlaps the truth on balls")


def output_values(case: Case) -> Outcome:
    """S7, S8: Y against the truth."""
    return _slices(case, 0, 1, "Y overlaps the truth on balls")


def linear_output(case: Case) -> Outcome:
    """S9: Y of the prediction task."""
    return _slices(replace(case, task="prediction"), 0, 1, "Y of the prediction task overlaps the truth on balls")


def errors(case: Case) -> Outcome:
    """S10: E against Y* − Y of the truth."""
    with flint.ctx.workprec(BITS):
        Y, target = Balls(graph(case).h[-1].value.tolist()), Balls(np.asarray(case.target, np.float64))
        holds = (error.error(Y, target) + Y).overlaps(target)
    return outcome(holds, "the sign matters: see the readings")


def total_error(case: Case) -> Outcome:
    """S11: ℰ against the truth."""
    return _slices(case, 1, 2, "ℰ overlaps the truth on balls")


def gradients(case: Case) -> Outcome:
    """S20, S23: every ΔW against the derivative of S11."""
    return _slices(case, 2, 2 + len(case.weights), "every ΔW overlaps the derivative of S11 on balls")


def whole_run(case: Case) -> Outcome:
    """S13: gradients and updated weights against the truth."""
    return outcome(overlap(case), "every ΔW and W' overlaps the truth on balls")


def scalar_walk(case: Case) -> Outcome:
    """S17, S19, S22: Δw of every link, walked node by node, against the derivative of S11."""
    with flint.ctx.workprec(BITS):
        exact = [Balls(w.derivative.tolist()) for w in graph(case).weights]
        changes = scalar_changes(case).items()
        holds = all(change.overlaps(exact[l].entry(i - 1, j - 1)) for ((l, i), (_, j)), change in changes)
    return outcome(holds, f"Δw of each of the {len(changes)} links overlaps the derivative of S11 on balls")


def output_node(case: Case) -> Outcome:
    """S18 as printed, ε = σ'(I) e with e = Y* − Y, against −(N_O/2) ∂ℰ/∂I."""
    with flint.ctx.workprec(BITS):
        g, sigma = graph(case), Formula("sigmoid", Balls)
        I, Y = Balls(g.I[-1].value.tolist()), Balls(g.h[-1].value.tolist())
        printed = neuron.output_node(sigma.derivative(I, Y), Balls(np.asarray(case.target, np.float64)) - Y)
        holds = (-printed * 2 / case.layers[-1]).overlaps(Balls(g.I[-1].derivative.tolist()))
    return outcome(holds, "ε_i as printed is −N_O/2 times ∂ℰ/∂I_i", condition=True)


def as_printed(case: Case) -> Outcome:
    """S26: which of its choices are the derivative's, on the deck's own network."""
    same = {reading.name: overlap(case, reading) for reading in (SIGN, SCALE, OUTER)}
    holds = overlap(case) and same == {"sign": False, "scale": True, "outer": False}
    note = "with Y − Y*, the factor 2/N_O (here 1) and h for I; as printed elsewhere it does not: see the readings"
    return outcome(holds, note, condition=True)


def _slices(case: Case, first: int, last: int, note: str) -> Outcome:
    """Part of output, loss, gradients: the slides' equations on balls against the truth."""
    with flint.ctx.workprec(BITS):
        g = graph(case)
        exact = [g.h[-1].value, g.loss.value, *(w.derivative for w in g.weights)][first:last]
        ours = slides(case)[first:last]
        holds = all(_overlap(a, b) for a, b in zip(ours, exact, strict=True))
    return outcome(holds, note)


def _overlap(ours: Balls, exact: flint.arb_mat) -> bool:
    return all(a.overlaps(b) for a, b in zip(ours.entries.flat, exact.entries(), strict=True))


def _ball(number: float) -> Balls:
    return Balls(np.asarray(float(number)))
