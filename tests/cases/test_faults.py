"""Each fault a block can have: the path and the words of its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from cases.faults import Fault

Block = Callable[..., str]
FaultsOf = Callable[[str | bytes], list[Fault]]


class Example(NamedTuple):
    path: str
    words: tuple[str, ...]
    changes: dict[str, str | None]


def changed(path: str, *words: str, **changes: str | None) -> Example:
    """A block whose only fault, which these changes make, is at ``path`` inside it."""
    name = "" if "name" in changes else ' "tiny"'
    return Example(f"case[0]{name}.{path}", words, changes)


HUGE = "1" + "0" * 400

EXAMPLES = {
    # keys
    "unknown-key": changed("colour", "unknown key", "one of name, activation", colour="3"),
    "near-key": changed("dtpye", "unknown key", 'did you mean "dtype"?', dtpye='"float64"'),
    "odd-key": changed('"a\\nb"', "unknown key", **{'"a\\nb"': "1"}),
    "no-name": changed("name", "no such key", "a slug", "required", name=None),
    "no-activation": changed("activation", "no such key", '"relu"', activation=None),
    "no-task": changed("task", "no such key", '"prediction"', task=None),
    "no-input": changed("input", "no such key", "a matrix", input=None),
    "no-target": changed("target", "no such key", "a matrix", target=None),
    "no-weights": changed("weights", "no such key", "a list of matrices", weights=None),
    # words
    "name-number": changed("name", "the integer 3", "a slug", name="3"),
    "name-date": changed("name", "date or time 2020-01-01", name="2020-01-01"),
    "name-empty": changed("name", "an empty string", "a slug", name='""'),
    "activation-near": changed("activation", '"sigmiod"', 'did you mean "sigmoid"?', activation='"sigmiod"'),
    "activation-case": changed("activation", '"ReLU"', 'did you mean "relu"?', activation='"ReLU"'),
    "activation-far": changed("activation", '"zzz"', 'one of "sigmoid", "relu"', activation='"zzz"'),
    "activation-type": changed("activation", "the boolean true", activation="true"),
    "activation-empty": changed("activation", "an empty list", activation="[]"),
    "activation-entry": changed("activation[1]", "the integer 1", activation='["relu", 1]'),
    "activation-nested": changed("activation[0]", "a list of 1", activation='[["relu"]]'),
    "activation-again": changed("activation[1]", '"relu" again', "activation[0]", activation='["relu", "relu"]'),
    "task-near": changed("task", 'did you mean "prediction"?', task='"predicton"'),
    "task-again": changed("task[1]", "again", task='["prediction", "prediction"]'),
    "dtype-near": changed("dtype", 'did you mean "float64"?', dtype='"flaot64"'),
    "dtype-again": changed("dtype[2]", "again", dtype='["float64", "float32", "float64"]'),
    "expect-near": changed("expect", 'did you mean "rounding"?', expect='"roundign"'),
    "expect-list": changed("expect", "a list of 1", 'one of "exact"', expect='["blind"]'),
    "source-type": changed("source", "the integer 3", "a string", source="3"),
    "shows-type": changed("shows", "a list of 1", "a string", shows='["a"]'),
    "bfloat16-overflow": changed(
        "input[0][1]", "1e+39 in bfloat16", "3.3895314e+38", input="[[1, 1e39, 3]]", dtype='"bfloat16"'
    ),
    "float16-overflow": changed(
        "learning_rate", "the number 1000000.0 in float16", "at most 65504,", learning_rate="1e6", dtype='"float16"'
    ),
    "tags-string": changed("tags", "a list of slugs", 'write ["kink"]', tags='"kink"'),
    "tags-slug": changed("tags[1]", '"Big One"', 'write "big-one"', tags='["kink", "Big One"]'),
    "tags-again": changed("tags[1]", "again", "tags[0]", tags='["kink", "kink"]'),
    # numbers
    "rate-string": changed("learning_rate", '"0.1"', "a number", "the quotes", learning_rate='"0.1"'),
    "rate-bool": changed("learning_rate", "the boolean true", learning_rate="true"),
    "rate-nan": changed("learning_rate", "nan", "a finite number", learning_rate="nan"),
    "rate-inf": changed("learning_rate", "inf", "a finite number", learning_rate="inf"),
    "rate-minus-inf": changed("learning_rate", "-inf", "a finite number", learning_rate="-inf"),
    "rate-negative": changed("learning_rate", "-0.1", "negative", "zero or more", learning_rate="-0.1"),
    "rate-large": changed(
        "learning_rate", "1e+39 in float32", "3.4028235e+38", learning_rate="1e39", dtype='"float32"'
    ),
    "rate-huge": changed("learning_rate", "bits in float64", "largest float64", learning_rate=HUGE),
    "rate-1e400": changed("learning_rate", "1e400 in float64", learning_rate="1e400"),
    "rate-hex": changed("learning_rate", "bits in float64", learning_rate="0x1" + "0" * 9000),
    "input-string": changed("input[0][1]", '"2"', "a number", "leave out the quotes", input='[[1, "2", 3]]'),
    "input-bool": changed("input[0][0]", "the boolean false", "a number", input="[[false, 2, 3]]"),
    "input-date": changed("input[0][2]", "2020-01-01", "a number", input="[[1, 2, 2020-01-01]]"),
    "input-time": changed("input[0][2]", "07:32:00", "a number", input="[[1, 2, 07:32:00]]"),
    "input-table": changed("input[0][0]", "a table", "a number", input="[[{}, 2, 3]]"),
    "input-empty-entry": changed("input[0][0]", "an empty list", "a number", input="[[[], 2, 3]]"),
    "input-nan": changed("input[0][0]", "nan", "a finite number", input="[[nan, 2, 3]]"),
    "target-inf": changed("target[0][1]", "-inf", "a finite number", target="[[1, -inf]]"),
    "many-nans": changed("input[0][0]", "nan (and 2 more of this kind)", input="[[nan, nan, nan]]"),
    "weight-nan": changed("weights[0][2][1]", "nan", weights="[[[1, 2], [3, 4], [5, nan]], [[1, 0], [2, 3]]]"),
    "too-large-32": changed("input[0][1]", "-1e+39 in float32", input="[[1, -1e39, 3]]", dtype='"float32"'),
    "too-large-32-of-2": changed(
        "input[0][1]", "1e+39 in float32", input="[[1, 1e39, 3]]", dtype='["float64", "float32"]'
    ),
    "many-too-large": changed("target[0][0]", "and 1 more", target="[[1e39, 1e39]]", dtype='"float32"'),
    "too-large-64": changed("input[0][0]", "-2e400 in float64", "1.797", input="[[-2e400, 2, 3]]"),
    "integer-too-large": changed("input[0][0]", "an integer of 1329 bits in float64", input=f"[[{HUGE}, 2, 3]]"),
    "weight-too-large": changed(
        "weights[1][0][0]",
        "in float32",
        dtype='"float32"',
        weights="[[[1, 2], [3, 4], [5, 6]], [[4e38, 1], [2, 3]]]",
    ),
    # nesting
    "input-number": changed("input", "the integer 3", "a matrix", input="3"),
    "input-flat": changed("input", "nested too shallow", "[[…]]", input="[1, 2, 3]"),
    "input-empty": changed("input", "an empty list", "a matrix", input="[]"),
    "input-empty-row": changed("input[0]", "an empty row", input="[[]]"),
    "input-mixed": changed("input[1]", "the integer 3", "too shallow", "a row", input="[[1, 2, 3], 3]"),
    "input-deep": changed("input[0][0]", "a list of 3 (nested too deep)", input="[[[1, 2, 3]]]"),
    "input-ragged": changed("input[1]", "row 1 of length 2", "length 3, as row 0", input="[[1, 2, 3], [1, 2]]"),
    "weights-ragged": changed(
        "weights[1][1]",
        "row 1 of length 3",
        "length 2",
        weights="[[[1, 2], [3, 4], [5, 6]], [[1, 0], [2, 3, 4]]]",
    ),
    "weights-none": changed("weights", "no weight matrix", "at least one", weights="[]"),
    "weights-flat": changed("weights", "nested too shallow", "[[[…]]]", weights="[[1, 2], [3, 4], [5, 6]]"),
    "weights-flatter": changed("weights", "nested too shallow", weights="[1, 2]"),
    "weights-number": changed("weights", "the integer 1", weights="1"),
    "weights-empty": changed("weights[0]", "an empty list", "a matrix", weights="[[]]"),
    "weights-deep": changed("weights[0][0][0]", "nested too deep", weights="[[[[1, 2]], [[3, 4]], [[5, 6]]]]"),
    # shapes
    "weights-first": changed(
        "weights[0]",
        "2 rows",
        "3 (layer 0 has 3 nodes: input is 1×3)",
        weights="[[[1, 2], [3, 4]], [[1, 0], [2, 3]]]",
    ),
    "weights-second": changed(
        "weights[1]",
        "1 row,",
        "2 (layer 1 has 2 nodes: weights[0] is 3×2)",
        weights="[[[1, 2], [3, 4], [5, 6]], [[1, 0]]]",
    ),
    "weights-transposed": changed(
        "weights[0]", "2 rows", "is it transposed?", weights="[[[1, 2, 3], [4, 5, 6]]]", target="[[1, 0, 0]]"
    ),
    "target-rows": changed("target", "2 rows", "1 (one for each sample: input is 1×3)", target="[[1, 0], [0, 1]]"),
    "target-width": changed("target", "1 column,", "2 (layer 2 has 2 nodes: weights[1] is 2×2)", target="[[1]]"),
}
"""Blocks with one fault each."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_fault(faults_of: FaultsOf, block: Block, name: str) -> None:
    example = EXAMPLES[name]
    faults = faults_of(block(**example.changes))
    assert [fault.path for fault in faults] == [example.path], [str(fault) for fault in faults]
    for words in example.words:
        assert words in str(faults[0])
