"""What a small model learned."""

from __future__ import annotations

from itd_pipeline.tables.contract import Table, integer, number, term, text

ARMS = ("base", "release", "random_draw", "last_release")

PROBE = Table(
    name="downstream_probe",
    description="What a small model learned from the release, beside the same model untouched, trained on as many "
    "records drawn from the unfiltered candidates, and trained on the last release. Runs only when asked for.",
    columns=(
        term("arm", "What the model was trained on; base: on nothing.", ARMS),
        term("against", "What it is compared with; the arm itself where the value is its own.", ARMS),
        text("test", "What was asked: `held_out`, `general_text`, or the name of a benchmark."),
        text("metric", "`loss`: mean nats per token, lower is better; `accuracy`: share of items answered rightly; "
                       "each also as `..._difference` between two arms on the same items."),
        integer("items", "Records, passages or items behind it.", minimum=0),
        number("value", "The number; null where it was not measured.", nullable=True),
        number("low", "Lower end of the 95 % interval (paired bootstrap, BCa).", nullable=True),
        number("high", "Upper end of the 95 % interval.", nullable=True),
        text("note", "What it says in words, or why it was not measured."),
    ),
    key=("arm", "against", "test", "metric"),
)
