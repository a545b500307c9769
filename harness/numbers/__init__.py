"""The kinds of number on which the text of ``reference/`` runs, besides plain arrays.

running   a value and how far any correct implementation may be from it: the bound
balls     an exact number between two others: the slides' equations in exact numbers
symbols   nothing but names: the proof, for all weights and any differentiable σ
"""
