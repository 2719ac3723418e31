"""English words that carry no content of their own: they count neither for coverage nor for nearness of sentences."""

from __future__ import annotations

_FUNCTION_WORDS = (
    "a about after all also an and any are as at be because been before being between both but by can cannot could did "
    "do does doing done during each either for from further had has have having he her here hers him his how however i "
    "if in into is it its itself may me might more most must my no nor not of off often on once only or other our out "
    "over own per same shall she should since so some such than that the their them then there these they this those "
    "through to too under until up upon us usually very was we were what when where whether which while who whom whose "
    "why will with within without would you your"
)
STOP_WORDS = tuple(_FUNCTION_WORDS.split())
