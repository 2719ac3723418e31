"""What a recipe is: its file, its prompt, and how both are read.

Belongs here: the shape of a recipe (`model.py`), reading and naming mistakes (`loading.py`), filling templates
(`templates.py`, `rendering.py`), and which passages fit (`fitting.py`). Does not belong here: drawing passages and
sending requests (`asking/`), judging answers (`judging/`), the recipes themselves (`recipes/*.yaml`).
"""

from itd_pipeline.expand.recipe.loading import load_recipes
from itd_pipeline.expand.recipe.model import Recipe

__all__ = ["Recipe", "load_recipes"]
