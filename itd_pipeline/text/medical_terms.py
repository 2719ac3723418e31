"""Words of medicine: those that the diseases and symptoms of HPO and ICD-10-CM are made of, and names of drugs.

Belongs here: which words are medical, and how many a text holds. Does not belong here: what becomes of the text.
General English that terms are also made of (large, accident, first) does not count. A list of this kind cannot tell
good medicine from bad; it tells a page about asthma from a page about parking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from itd_pipeline.text.identifiers.drug_names import is_drug
from itd_pipeline.text.identifiers.eponymous_phrases import disease_terms

_LETTERS = re.compile(r"[^\W\d_]{4,}")
_GENERAL = frozenset(re.findall(r"\S+", """
    page pages published press reserved rights website copyright terms behind garage garages updated reviewed privacy
    about above absent abuse accident accidental accidents acid acquired across action active activities activity added
    advanced advice affected affecting after again against age agent agents aged aging air alone along also altered
    among amount animal animals another apart appearance approach arch area areas associated attack attention avoid
    away back bags ball band base based bath bed been before beginning behavior being below belt best between bicycle
    bike bites black blue boat body both bottom box break bridge broken building built burning cake call canoe car care
    cart case cases cat cause caused causes causing central certain change changed changes changing check child
    children choking civil class clear close closed code cold collision color coming common complete complex condition
    conditions contact content control cord counseling course cover covering crisis crossing current cut cutting daily
    damage date days dead death deep defect defects degree delayed density dependent description device devices
    different difficulty direct disk distress dock dog door double down drinking driver drop during each early earth
    eating education effect effects either electric elsewhere emergency empty encounter engine enlarged entire equal
    equipment especially established event events every evidence exam examination example except excessive exercise
    exercises exposed exposure external extra extreme face fact factor factors facts failed failure fall falling falls
    family farm fast father fatigue features feel feeling feelings female field film fine finding findings finger fire
    firearm first fish fishing five flat floor focus following food foods foot force foreign form forms found four free
    frequent from front frozen full function functioning functions further game general generalized getting girl give
    given giving glass good grass great ground group groups growth habit hammer hand hands hard have having head heat
    heavy height held help here high higher history holding home homes hour hours house household housing however human
    ice identified illness image important improper increase increased individual industrial information initial
    injured inside instructions instrument intact intentional into involved involvement involving irregular item items
    itself jump just keep kind knife known label lack ladder land language large last late later layer lead leaflet
    least leaving left legal length less level levels life light like limited line lines list little living local
    located location long longer loop loss lost lower machine made main maintenance major make male management many
    mark marked marks mass material materials maximum meaning measurement measures mechanical mechanism medium men mild
    milestones military milk minimally minimum minor minutes missing mixed moderate monitoring month months more
    morning most mother motion motor motorcycle mountain mouth move movement movements multiple name named narrow
    natural nature near need needed needs neither nest never newborn next night nine noise none normal north nose
    notable note notes notice number object objects observation occupant occupation occupational often older once only
    onset open opening operation order origin other others otherwise outdoor outer outlet outside over own paint panel
    paper parent parents park part partial parts passenger past path pattern people perform performed period periods
    persistent person personal persons phase phone physical place places plan plane plant plants play playing point
    points poor position positive possible power practice premature presence present presenting pressure prevent
    preventing prevention primary prior problem problems procedure procedures process product production products
    program progressive prolonged proper property public pulling quality quarter radio railway range rapid rate reading
    rear reason recent record red reduced region regional regular related relating relation release religious removal
    repair repeated replacement report requested required requiring resources response responsible rest restricted
    result resulting results return right ring rise road robin role roof room route routine row running safe safety
    same sand save scale school score screen screening second secondary secured seeking seen selective self sense
    separate separation serious service services setting seven several severe shape shared ship short should show side
    sign signs simple since single site sitting situation size sleep sleeping slow small snow social society soft some
    sound sounds source south space special specific specified sport sports stage stages stain standard standing start
    state states station status steam step stop storage store strain street stress strike striking strong structure
    structures struck style subject subsequent substance success such sudden sugar sun support supporting surface
    suspected swimming system systems table tail take taken taking talk target team tear tennis term test tested
    testing tests text than that their them then there these they thick thin thing this those three through throughout
    thrown time times title together told tool tools total touch toward toxic traffic train training transport travel
    tree trouble true truck tube tunnel turn twice type types under underlying understanding unit unless unspecified
    until upon upper urban usual usually value variable various vehicle very vessel view violence vision visit wall war
    warm waste water watercraft weak wear week weekly weeks weight well were west wet what wheel when where whether
    which while white whole wide wire with within without wood word work worker working works world worse worsening
    written year years yellow young zone
"""))


@cache
def medical_words() -> frozenset[str]:
    """Lower-case words of at least four letters that terms of medicine are made of."""
    found = {word for term in disease_terms() for word in _LETTERS.findall(term.lower())}
    return frozenset(found - _GENERAL)


def is_medical(word: str) -> bool:
    """Whether a lower-case word is one of medicine's: part of a term, the plural of one, or a drug."""
    known = medical_words()
    return word in known or (word.endswith("s") and word[:-1] in known) or (len(word) > 4 and is_drug(word))


def count_medical(tokens: Sequence[str]) -> int:
    """How many of the words are medicine's; a word that occurs twice counts twice."""
    known = medical_words()
    seen: dict[str, bool] = {}
    count = 0
    for token in tokens:
        verdict = seen.get(token)
        if verdict is None:
            verdict = seen[token] = token in known or is_medical(token)
        count += verdict
    return count
