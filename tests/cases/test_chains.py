"""Chains in case files: what they say, what is refused and how, and that they are written as they were read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cases.case import Case, make_case
from cases.faults import CaseFileError
from cases.links import KINDS, Link
from cases.loader import catalogue, load
from cases.written import toml

HEAD = """
[[case]]
name = "a"
activation = "tanh"
task = "prediction"
input = [[0.1, 0.2, 0.3]]
target = [[1.0, 0.5]]
"""

GOOD = """
layers = [
  { dense = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]] }, { bias = [0.5, 0.25] }, "activation", "normalisation",
  { scale = [1.5, 0.5] },
]
"""


def read(tmp_path: Path, text: str) -> list[Case]:
    path = tmp_path / "a.toml"
    path.write_text(text)
    return load([path])


def test_a_chain_is_a_list_of_links(tmp_path: Path) -> None:
    (case,) = read(tmp_path, HEAD + GOOD)
    assert case.links == tuple(map(Link, ("dense", "bias", "activation", "normalisation", "scale"), (2, 0, 0, 0, 0)))
    assert [w.shape for w in case.weights] == [(3, 2), (1, 2), (1, 2)]
    assert case.weights[1].tolist() == [[0.5, 0.25]]
    assert case.structure == "3-dense2-bias-σ-normalisation-scale"
    assert [link.sigma for link in case.chain] == ["", "", "tanh", "", ""]


def test_the_classification_task_adds_a_sigmoid(tmp_path: Path) -> None:
    (case,) = read(tmp_path, HEAD.replace("prediction", "classification") + GOOD)
    assert case.chain[-1].sigma == "sigmoid" and len(case.chain) == 6


def test_the_plain_network_is_a_chain_too() -> None:
    slides = load([path for path in catalogue() if path.stem == "slides"])
    kinds = {case.task: [link.kind for link in case.chain] for case in slides if len(case.weights) == 2}
    assert kinds["prediction"] == ["dense", "activation", "dense"]
    assert kinds["classification"] == [*kinds["prediction"], "activation"]


def test_a_chain_is_written_as_it_was_read(tmp_path: Path) -> None:
    for case in load([path for path in catalogue() if path.stem == "chains"]):
        if case.drawn:
            continue
        again = tmp_path / "again.toml"
        again.write_text(toml([case]))
        (found,) = load([again])
        assert found.links == case.links and found.name == case.name
        assert all(np.array_equal(a, b) for a, b in zip(found.weights, case.weights, strict=True))


WRONG = {
    'layers = ["dense"]': 'layers[0]: found "dense", expected its weight too',
    'layers = [{ bais = [1.0] }, "activation"]': 'did you mean "bias"?',
    'layers = [{ softmax = [1.0] }, "activation"]': 'found a weight for "softmax"',
    'layers = ["activation", "softmax"]': "no link with a weight",
    'layers = ["activation", { scale = [1.0, 2.0] }]': "layers[1]: found scale of 1×2, expected 1×3",
    'layers = ["activation", { dense = [[1.0, 2.0]] }]': "layers[1]: found dense of 1×2, expected 3×2",
    'layers = ["activation", { convolution = [1.0, 2.0, 3.0, 4.0] }]': "at most 3: 3 nodes come in",
    'layers = ["activation", { dense = [[1.0], [2.0], [3.0]] }, "normalisation"]': (
        "layers[2]: found a normalisation of 1 node, expected 2 nodes or more: of 1 it is always 0"
    ),
    'layers = ["activation", { dense = [[1.0], [2.0], [3.0]] }, "softmax"]': "of 1 it is always 1",
    'layers = ["activation", { quadratic = [[1.0, 2.0]] }]': "as many rows as columns",
    'layers = ["activation", { convolution = [1.0] }]': "target: found 2 columns, expected 3",
    "layers = [{ scale = [1.0, 1.0, 1.0] }]": "no activation among the layers",
    'layers = ["activation", { scale = [1.0, "2", 1.0] }]': "leave out the quotes",
    'layers = ["activation", { scale = [] }]': "layers[1].scale: found an empty list",
    'layers = ["activation", [1.0]]': "one link: a word, or one kind with its weight",
    "layers = 3": "layers: found the integer 3",
    "layers = []": "no link",
    "": "weights: found no such key",
    GOOD + "weights = [[[1.0]]]": "weights beside layers",
    GOOD + 'dtype = "float16"': "float64 or float32",
    GOOD.replace("1.5", "1e39") + 'dtype = "float32"': "layers[4].scale",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_and_where(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaseFileError) as error:
        read(tmp_path, HEAD + text)
    assert WRONG[text] in str(error.value)


FAMILY = """
[[family]]
name = "f"
activation = "tanh"
task = "prediction"
dtype = ["float64", "float32"]
layers = LAYERS
batch = 2
draws = 2
seed = 1
"""


def test_a_structure_with_words_in_it_is_drawn_as_a_chain(tmp_path: Path) -> None:
    text = FAMILY.replace("LAYERS", '[6, "dense 5", "bias", "activation", "scale", "convolution 2", "quadratic"]')
    cases = read(tmp_path, text)
    assert len(cases) == 4
    first = cases[0]
    assert first.name == "f-6-dense5-bias-activation-scale-convolution2-quadratic-b2-s1-01-tanh-prediction-float64"
    assert [w.shape for w in first.weights] == [(6, 5), (1, 5), (1, 5), (1, 2), (4, 4)]
    assert first.target.shape == (2, 1)
    assert (np.abs(first.weights[2] - 1) < 1).all(), "the factors of a scale lie around 1"
    assert not np.array_equal(cases[0].weights[0], cases[2].weights[0])


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ('[6, "dnse 5"]', 'did you mean "dense"?'),
        ('[6, "dense"]', '"dense N", with N nodes'),
        ('[6, "bias 3", "activation"]', '"bias" alone'),
        ('[2, "convolution 3", "activation"]', "at most 2"),
        ('[2, "activation", "softmax"]', "0 weights"),
        ('[2, "activation", "quadratic", "normalisation"]', "layers[3]: found a normalisation of 1 node"),
        ('[2, "bias"]', "no activation among the layers"),
        ('["bias", "activation"]', "a whole number from 1"),
    ],
)
def test_what_is_wrong_with_a_drawn_chain_is_said(tmp_path: Path, layers: str, said: str) -> None:
    with pytest.raises(CaseFileError) as error:
        read(tmp_path, FAMILY.replace("LAYERS", layers))
    assert said in str(error.value)


def test_weights_that_do_not_fit_their_links_are_refused_in_code_too() -> None:
    def made(w: list[list[float]], target: list[list[float]]) -> Case:
        return make_case("a", "tanh", "prediction", "float64", [[1.0, 2.0]], target, [w], links=[Link("bias")])

    assert made([[1.0, 2.0]], [[0.0, 0.0]]).layers == (2, 2)
    with pytest.raises(ValueError, match="takes"):
        made([[1.0, 2.0, 3.0]], [[0.0, 0.0]])
    with pytest.raises(ValueError, match="target has shape"):
        made([[1.0, 2.0]], [[0.0]])


def test_every_kind_says_what_it_is() -> None:
    assert all(its.what for its in KINDS.values())
    assert Link("dense", 5).word == "dense5" and Link("activation").word == "σ"
