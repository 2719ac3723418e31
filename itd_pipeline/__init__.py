"""Build instruction-tuning datasets from medical text that clinicians can trust.

Start reading at `definitions.py` (what Dagster sees) or `cli.py` (what a person types); both lead to
`pipeline/graph.py`, which lists the ten stages, and from there to one folder per stage.
"""

__version__ = "0.1.0"
