"""Continuity proved on generated calendars: nobody is uncovered, or it was shown before it began (I4, I5).

`calendars` makes clinics, people and what happens to them; `simulation` lets it happen through the product's pure
question and holds the promises against each other; `oracle` answers minute by minute and knows nothing of the product.
"""
