"""The model that tells languages apart, loaded: half a second that every worker of every source would pay anew."""

from __future__ import annotations

from itd_pipeline.text.language import identify

identify("El paciente debe consultar con su médico antes de tomar este medicamento.", min_words=1)
