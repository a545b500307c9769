"""The three products of the deck against NumPy's operators, in every shape and both orientations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference.products import elementwise_product, kronecker_product, matrix_product, outer_product


def whole(*shape: int) -> Any:
    return np.random.default_rng(shape).integers(-9, 10, shape).astype(float)


SHAPES = [(1, 1), (2, 3), (3, 2), (1, 4), (4, 1), (3, 3)]


@pytest.mark.parametrize(("m", "n"), SHAPES)
@pytest.mark.parametrize("p", [1, 2, 5])
def test_the_matrix_product_is_at(m: int, n: int, p: int) -> None:
    """S21: entry (i, j) is Σ_k a_ik b_kj."""
    A, B = whole(m, n), whole(n, p)
    assert np.array_equal(matrix_product(A, B), A @ B)
    assert matrix_product(A, B).shape == (m, p)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_elementwise_product_is_star(shape: tuple[int, int]) -> None:
    """S21: "in Python A*B multiplies element by element"."""
    A, B = whole(*shape), whole(*shape)[::-1]
    assert np.array_equal(elementwise_product(A, B), A * B)


def test_the_two_products_differ_and_neither_is_commutative_by_accident() -> None:
    A, B = np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([[11.0, 13.0], [17.0, 19.0]])
    assert matrix_product(A, B).tolist() == [[73, 83], [174, 198]]
    assert elementwise_product(A, B).tolist() == [[22, 39], [85, 133]]
    assert matrix_product(B, A).tolist() != matrix_product(A, B).tolist()


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_the_kronecker_product_is_numpy_s(a: tuple[int, int], b: tuple[int, int]) -> None:
    """S24: each entry of A times the whole of B."""
    A, B = whole(*a), whole(*b)
    found = kronecker_product(A, B)
    assert np.array_equal(found, np.kron(A, B))
    assert found.shape == (a[0] * b[0], a[1] * b[1])


def test_the_kronecker_product_depends_on_the_order() -> None:
    A, B = np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]])
    assert kronecker_product(A, B).tolist() == [[3, 5, 6, 10]]
    assert kronecker_product(B, A).tolist() == [[3, 6, 5, 10]]


@pytest.mark.parametrize(("rows", "columns"), [(3, 2), (2, 5), (4, 4), (1, 3)])
def test_for_a_column_and_a_row_the_broadcast_product_is_the_kronecker_product(rows: int, columns: int) -> None:
    """S24: C ⊙ D = C ⊗ D, where ⊙ is NumPy's broadcast product; entry (i, j) is c_i d_j."""
    C, D = whole(rows, 1), whole(1, columns)
    expected = outer_product(C[:, 0], D[0])
    assert np.array_equal(C * D, expected)
    assert np.array_equal(kronecker_product(C, D), expected)
    assert np.array_equal(expected, np.outer(C, D))


@pytest.mark.parametrize(("row_length", "column_length"), [(3, 3), (2, 5)])
def test_a_row_times_a_column_in_both_orientations(row_length: int, column_length: int) -> None:
    """S25: both C*D and D*C have a row for each entry of the column; ΔW = h ⊗ Δ is the other way round."""
    h, delta = whole(1, row_length), whole(column_length, 1)
    assert np.array_equal(h * delta, delta * h)
    assert np.array_equal(h * delta, kronecker_product(h, delta))
    assert np.array_equal(delta * h, kronecker_product(delta, h))
    assert (h * delta).shape == (column_length, row_length)
    weight_change = outer_product(h[0], delta[:, 0])
    assert weight_change.shape == (row_length, column_length)
    assert np.array_equal((h * delta).T, weight_change)
    assert np.array_equal(h.T @ delta.T, weight_change)


def test_two_lists_of_numbers_are_no_kronecker_product() -> None:
    """S25 does not say so: in one dimension Python's * is entry by entry."""
    c, d = np.array([2.0, 3.0]), np.array([5.0, 7.0])
    assert (c * d).tolist() == [10, 21]
    assert outer_product(c, d).tolist() == [[10, 14], [15, 21]]
