"""Grading somebody's own implementation: is it right, and if not, what is wrong with it?

exam        the cases, and what answers are held against
answers     one case as a candidate answered it
first       the first term that went wrong
likeness    the mistake that it looks like, or two at once
clues       where nothing matches: a constant ratio, what was added, how many digits there are
pattern     what the failing cases have in common
diagnosis   all of it together
"""
