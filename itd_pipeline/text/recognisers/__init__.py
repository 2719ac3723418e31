"""Further recognisers beside our rules: from other packages, or a model in a local folder. The union counts.

Belongs here: the seam (`seam`), who is known by which name (`registry`), thin adapters of models that lie in a folder
(`models`). Does not belong here: rules (`identifiers`).
"""

from itd_pipeline.text.recognisers.registry import Plug, made, versions
from itd_pipeline.text.recognisers.seam import TextsRecogniser, find_in

__all__ = ["Plug", "TextsRecogniser", "find_in", "made", "versions"]
