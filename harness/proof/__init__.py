"""The proof that back-propagation is the derivative of the total error.

networks     the text of ``reference/`` on symbols, against sympy's own derivative of S11: every weight
written      expressions as a reader writes them, in text and LaTeX
slopes       σ' of each activation against sympy's derivative of σ
readings     the difference between each reading of the deck and the derivative, as a formula
balls        the same equations on exact numbers: every case of the catalogue
refuted      what is wrong with a mistake or a reading, derivative by derivative
certificate  all of it in steps, as the record keeps it
"""
