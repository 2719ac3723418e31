"""Names of people that are names of things: Parkinson's disease, Glasgow Coma Scale, Foley catheter.

A name in such a place is medicine, not an identifier. The nouns decide, so that a patient called Wilson is still
found in every other place.
"""

from __future__ import annotations

import re

from itd_pipeline.text.identifiers.eponymous_phrases import in_a_term

# Capitalised in the names of scores and studies: Framingham Risk Score.
_TITLED_NOUN = (
    r"(?:Scores?|Scales?|Stud(?:y|ies)|Index|Criteria|Tests?|Syndromes?|Diseases?|Trials?|Questionnaires?|Inventory|"
    r"Classifications?|Signs?|Procedures?|Maneuvers?|Manoeuvres?|Heart Study|Rules?|Guidelines?|Formula|Equation|"
    r"Staging)"
)
_NOUN = (
    r"(?:diseases?|syndromes?|disorders?|signs?|tests?|criteria|scores?|scales?|index|pals(?:y|ies)|phenomen(?:on|a)|"
    r"reflex|law|triad|"
    r"lymphomas?|sarcomas?|tumou?rs?|ulcers?|fractures?|catheters?|procedures?|operations?|classifications?|"
    r"thyroiditis|contractures?|anaemias?|anemias?|dementias?|bod(?:y|ies)|cells?|nodes?|lines?|tubes?|drains?|"
    r"stages?|staging|"
    r"grad(?:e|ing)s?|crisis|formula|equation|manoeuvres?|maneuvers?|position|incision|technique|method|esophagus|"
    r"oesophagus|"
    r"chorea|ataxia|encephalopathy|nephropathy|neuropathy|purpura|gangrene|granulomatosis|arteritis|oedema|edema|"
    r"neuralgia|"
    r"hernias?|lesions?|glands?|ducts?|pouch|canal|tendon|stain|lens|cysts?|spots?|rings?|valves?|stents?|grafts?|"
    r"shunts?|"
    r"deformit(?:y|ies)|dysplasias?|dystroph(?:y|ies)|atroph(?:y|ies)|osteodystrophy|paralysis|malformations?|anomal"
    r"(?:y|ies)|"
    r"respirations?|breathing|rhythm|murmur|pulse|rules?|guidelines?|questionnaire|inventory|chart|space|loops?|"
    r"angina|hypothes(?:is|es)|staining|block|bundle|fibres?|fibers?|ligaments?|nerve|muscle|membrane|pain scale|"
    r"coma|nodules?|"
    r"tears?|attack|dermatitis|exanthem|hepatitis|virus|disease's|gene|factor|antigen|reaction|effect|curve|clamps?|"
    r"retractor|"
    r"swab|agar|plates?|needle|laxative|wort|wires?|speculum|forceps|stitch|sutures?|dressing|boot|frames?|splint|"
    r"sling|walker|solution|b lines|b line|a lines|port|trocar|blade|study|studies|cohort|trials?|risk|heart|pain|diet|"
    r"protocol|regimen|agent|fever|exercises?|baths?|salts?|rods?|hinges?|diets?|humps?|notch|angle|triangle|point|crease|foramen|fossa|fistula|diverticul(?:um|a)|septum|plaques?|"
    r"facies|dilators?|hooks?|splints?|cauter(?:y|ization)|electrocautery|silk|fascia|glasses|scissors|tenacul(?:um|a)|tongs|clips?|pacemakers?|"
    r"defibrillators?|pupils?|speculums?|elevators?|evacuators?|rongeurs?)"
)
FOLLOWED_BY_NOUN = re.compile(
    r"(?:'s?|\u2019s?|s)?(?:[-\u2013/ ](?:and |& )?[A-Z][a-zé]+(?:'s|\u2019s)?){0,2}(?:[- ](?:[a-z-]+ )?|"
    r"(?: type)? [IVX]{1,3} |[- ])(?:" + _NOUN + "|" + _TITLED_NOUN + r")(?![\w])"
)

_INITIAL = re.compile(r"(?:^| )[A-Z]\.$")
EPONYMS = frozenset(re.findall(r"\S+", """
    munchhausen münchausen münchhausen
    addison alport alzheimer apgar asperger babinski baker barrett bartholin basedow behcet behçet bell bence bowen
    broca brown-sequard brudzinski buerger burkitt caplan chagas charcot cheyne chiari chvostek colles coombs conn
    cooley creutzfeldt crohn cullen cushing dandy down dressler duchenne dupuytren ebstein ehlers epstein ewing fabry
    fallot fanconi felty foley fournier friedreich gaucher gilbert gilles glasgow goodpasture gram graves guillain
    hashimoto heimlich henoch hirschsprung hodgkin holter homan homans horner huntington jacksonian jakob kaposi
    kawasaki kayser kernig klinefelter koplik korotkoff korsakoff krukenberg kussmaul lachman landau legg lewy
    lhermitte lou ludwig lyme lynch mallory marfan mcburney mcmurray meckel meniere ménière meigs merkel mobitz moro
    munchausen murphy nissen osgood osler paget pap papanicolaou parkinson peyronie peyer phalen plummer pompe pott
    prader purkinje quincke ramsay raynaud reiter reye rinne romberg rorschach sjogren sjögren schonlein snellen
    stevens still swan tay takayasu tanner tinel tourette trendelenburg trousseau turner valsalva virchow von
    waldenstrom weber wegener wernicke whipple willebrand williams wilms wilson wolff zollinger ellison barr barre
    barré danlos doppler allen apley bankart bishop braden child pugh norton waterlow fitzpatrick gleason breslow
    clark rockall blatchford ranson wells geneva killip nyha duke jones light alvarado bosniak gustilo salter harris
    garden schatzker rankin hoehn yahr mini moca beck hamilton zung edinburgh katz barthel lawton karnofsky ecog
    sequard tietze bouchard heberden kerley hertel hasson hartmann veress kocher balfour deaver debakey metzenbaum
    mayo yankauer ringer langerhans hasselbach hesselbach calot mirizzi billroth roux toupet dor ivor clagett eloesser
    blalock taussig fontan norwood mustard senning waterston bentall cabrol maze batista jatene rastelli konno
    seldinger judkins amplatz ganz tenckhoff hickman broviac groshong quinton cordis shiley bivona magill macintosh
    guedel mallampati cormack lehane giemsa ziehl neelsen gomori sabouraud lowenstein hinton kirby westergren wintrobe
    hill framingham jaeger ishihara amsler goldmann schirmer tonopen barany hallpike epley semont finkelstein neer
    yergason spurling faber gaenslen lasegue adson hohmann steri bair hugger penrose malecot sengstaken blakemore
    minnesota dobhoff ewald salkowski sachs jefferson monteggia galeazzi bennett pick niemann hurler sitz kegel epsom
    auer bristol bovie kling kerlix coban xeroform adaptic cottle doyle cobb hank hegar pratt drysdale frenzel scarpa
    camper ochsner lahey hulka ellik ace betadine surgicel gelfoam vicryl monocryl prolene steri-strips dermabond
    hemovac penfield leksell adaptic kelly allis babcock crile halsted army-navy weitlaner gelpi richardson deaver
    thompson bookwalter castroviejo vannas tegaderm mepilex aquacel kocherized medtronic siemens alcon danek depuy
    stryker zimmer biomet synthes philips baxter fresenius fick folstein quervain syme hoffa fogarty pfannenstiel
    munro monro caspar treves myoview scotty terminale robinson keith rubin honan besnier hebra barts tegner lysholm
    constant oswestry
"""))


def is_eponym(text: str, start: int, end: int) -> bool:
    """Whether the name at `text[start:end]` is part of the name of a thing."""
    ends_with_initial = text[end - 1 : end] == "." and _INITIAL.search(text, max(start, end - 3), end) is not None
    if (not ends_with_initial and FOLLOWED_BY_NOUN.match(text, end)) or in_a_term(text, start, end):
        return True
    before = text[max(0, start - 24) : start]
    hyphenated = before.endswith(("-", "\u2013")) and before[-2:-1].isalpha()
    return hyphenated or (text[end : end + 1] in {"-", "\u2013"} and text[end + 1 : end + 2].isupper())
