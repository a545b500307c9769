"""Expressions as a reader writes them: in one line of text, and that text as LaTeX.

Names are the deck's, as `gradproof show` has them: w_32^HO, I^H_3, σ_O'(I^O_2); y*_2 is the target, and x_1^(2)
belongs to the second sample.
"""

from __future__ import annotations

import re
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

FACTORED, KNOWN_FACTORED = 100, 50
"""Operations in an expression above which nobody waits for its factors; the second where it has e^x or the like."""

LONGEST = 240
"""Characters of a formula that are shown."""

BY_CASES = "a formula by cases, too long to print"
"""Stands for one with pieces of which a part would say nothing."""


def shortest(expression: Any, longest: int = LONGEST) -> str:
    """An expression as it stands or as a product, whichever is shorter; cut where it is long."""
    product = sympy.factor(expression) if _small(expression) else expression
    found = min((text(e) for e in (expression, product, _unpaired(expression), _unpaired(product))), key=len)
    pieces = expression.atoms(sympy.Piecewise)
    if pieces and (len(found) > longest or any(_tangled(one) for one in pieces)):
        return BY_CASES
    return cut(found, longest)


def _tangled(piecewise: Any) -> bool:
    """Whether a condition is more than one comparison."""
    return any(where not in (sympy.true, sympy.false) and not where.is_Relational for _, where in piecewise.args)


def cut(formula: str, longest: int = LONGEST) -> str:
    """A formula, cut where it is long."""
    return formula if len(formula) <= longest else f"{formula[: longest - 1].rstrip()} …"


def _small(e: Any) -> bool:
    known = [f for f in e.atoms(sympy.Function) if not isinstance(f, (AppliedUndef, sympy.Piecewise))]
    return bool(sympy.count_ops(e) <= (KNOWN_FACTORED if known else FACTORED))


def _unpaired(e: Any) -> Any:
    """The same with y − y* for the one symbol that stands for it: shorter where one of the two cancels."""
    pairs = {d: d.name[1:-1].split(" − ") for d in e.free_symbols if d.name.startswith("(")}
    return sympy.expand(e.xreplace({d: sympy.Symbol(y) - sympy.Symbol(t) for d, (y, t) in pairs.items()}), deep=False)


def text(e: Any) -> str:
    """One line: factors in the order number, α, x or h, w, σ', y − y*, sums."""
    return str(e)[1:-1] if e.is_Symbol and str(e).startswith("(") else _written(e)


def latex(formula: str) -> str:
    """A formula in text as LaTeX."""
    parts = re.split(r"∂ℰ/∂([^ ,;]+)", formula)  # every other part is what ℰ is differentiated by
    found = [_TOKEN.sub(_translated, part) for part in parts]
    found[1::2] = [rf"\frac{{\partial \mathcal{{E}}}}{{\partial {name}}}" for name in found[1::2]]
    return "".join(found)


def _written(e: Any) -> str:
    if e.is_Add:
        return _sum(e)
    if e.is_Mul:
        return _product(e)
    if e.is_Pow and e.exp.is_Integer and e.exp > 1:
        return _factor(e.base) + str(e.exp).translate(_RAISED)
    if isinstance(e, sympy.Piecewise):
        return f"[{', else '.join(_piece(value, where) for value, where in e.args)}]"
    if isinstance(e, AppliedUndef):
        return f"{e.func.__name__}({', '.join(map(_written, e.args))})"
    return str(e) if e.is_Symbol else str(e).replace("**", "^").replace("*", "·").replace("-", "−")


def _piece(value: Any, where: Any) -> str:
    if where == sympy.true:
        return _written(value)
    if not where.is_Relational:
        return f"{_written(value)} if {where}"
    sign = {"<=": "≤", ">=": "≥"}.get(where.rel_op, where.rel_op)
    return f"{_written(value)} if {_written(where.lhs)} {sign} {_written(where.rhs)}"


def _sum(e: Any) -> str:
    terms = sorted(e.args, key=lambda term: (term.could_extract_minus_sign(), _key(term)))
    found = _written(terms[0])
    for term in terms[1:]:
        minus = term.could_extract_minus_sign()
        found += f" − {_written(-term)}" if minus else f" + {_written(term)}"
    return found


def _product(e: Any) -> str:
    if e.could_extract_minus_sign():
        return f"−{_factor(-e)}"
    number, rest = e.as_coeff_Mul()
    factors = sorted(sympy.Mul.make_args(rest), key=_key)
    return " · ".join([*([] if number == 1 else [str(number)]), *map(_factor, factors)])


def _factor(e: Any) -> str:
    return f"({_written(e)})" if e.is_Add else _written(e)


def _key(e: Any) -> tuple[int, str]:
    """The place of a factor; of a product, that of its first one."""
    if e.is_Mul:
        return min(_key(f) for f in e.args if not f.is_Number)
    if e.is_Pow:
        return _key(e.base)
    if e.is_Add:
        values = not e.has(AppliedUndef) and not any(str(v)[0] in "w(" for v in e.free_symbols)
        return 1 if values else 5, _written(e)
    if e.is_Symbol:
        return {"α": 0, "w": 2, "(": 4}.get(str(e)[0], 1), str(e)
    return (0 if e.is_Number else 3), str(e)


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

_NAME = r"(?P<letter>Δ?[A-Za-z]|[ℰσδεα])(?P<star>\*?)(?P<marks>(?:_[0-9A-Z,]+|\^[0-9A-Z]+|\^\([0-9]+\)|')*)"
_TOKEN = re.compile(
    rf"(?P<word>[A-Za-z]{{2,}})|(?P<number>\d+)/(?P<below>\d+)"
    rf"|{_NAME}(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹]*)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<sign>[·−…⊙⊗Σ∂≤])"
)
_SIGNS = {"·": r"\,", "−": "-", "…": r"\dots ", "⊙": r"\odot ", "⊗": r"\otimes ", "Σ": r"\sum ", "∂": r"\partial ",
          "≤": r"\le "}  # fmt: skip
_LETTERS = {"ℰ": r"\mathcal{E}", "σ": r"\sigma", "δ": r"\delta", "ε": r"\varepsilon", "α": r"\alpha"}


def _translated(found: re.Match[str]) -> str:
    if found["word"]:
        return rf"\mathrm{{{found['word']}}}"
    if found["number"]:
        return rf"\frac{{{found['number']}}}{{{found['below']}}}"
    if found["sign"]:
        return _SIGNS[found["sign"]]
    if found["raised"]:
        return f"^{{{found['raised'].translate(_LOWERED)}}}"
    return _name(found)


def _name(found: re.Match[str]) -> str:
    """A name with all that is below it in one subscript, and all that is above it in one superscript."""
    letter, marks = found["letter"], re.findall(r"[_^]\(?[0-9A-Z,]+\)?|'", found["marks"])
    base = _LETTERS.get(letter, letter.replace("Δ", r"\Delta "))
    below = "".join(mark[1:] for mark in marks if mark.startswith("_"))
    above = "".join(mark[1:] for mark in marks if mark.startswith("^"))
    above = r"\ast" * bool(found["star"]) + r"\prime" * marks.count("'") + (" " + above if above else "")
    name = base + (f"_{{{below}}}" if below else "") + (f"^{{{above.strip()}}}" if above else "")
    return f"{{{name}}}^{{{found['power'].translate(_LOWERED)}}}" if found["power"] else name
