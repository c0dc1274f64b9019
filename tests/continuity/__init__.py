"""Continuity proved on generated calendars: nobody is uncovered, or it was shown before it began (I4, I5).

`states` are the facts; `calendars` makes clinics, people, hubs and what happens to them, and `changes` what each event
makes of the facts. `pictures` tells them to the product; `simulation` lets a calendar happen through the product's pure
question and holds the promises against each other; `oracle` answers minute by minute and knows nothing of the product.
"""
