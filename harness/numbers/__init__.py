"""The kinds of number on which the text of ``reference/`` runs, besides plain arrays.

running   a value and how far any correct implementation may be from it: the bound
balls     an exact number between two others: the slides' equations in exact numbers
pairs     two float64 and a radius, in arrays: the truth of whole stacks
symbols   nothing but names: the proof, for all weights and any differentiable σ
"""
