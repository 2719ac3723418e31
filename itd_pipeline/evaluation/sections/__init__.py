"""The report's sections, one file each: numbers into the ledger, blocks onto the page.

Belongs here: what is measured and how it is said. Does not belong here: HTML, or drawing.
"""
