"""Money: what a request costs, whether it may still be sent, and what all of them will come to.

Belongs here: prices, caps, estimates. Does not belong here: the ledger, which is part of the store.
"""
