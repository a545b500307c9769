"""Measuring how fast gradproof is, beside what it could be: ``gradproof bench``, a file a question.

Whatever is compared is measured in the same run, in turns (A B A B), several rounds; figures are medians, and
ratios are of the same round. Where imports, caches or threads count, each contestant has a process of its own.
"""

PARTS = ("floor", "certifying", "gradient", "throughput", "start")
"""The questions, in the order in which they are asked; each is a file of this folder."""
