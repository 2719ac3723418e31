"""What a file, folder or archive that somebody brings might be: the reader, and for tables the columns.

Belongs in this folder: looking and guessing, with reasons. Does not belong here: reading for good (`readers/`), writing
profiles (`commands/`). The way in is `propose`.
"""

from itd_pipeline.sources.proposals.proposing import Proposal, propose

__all__ = ["Proposal", "propose"]
