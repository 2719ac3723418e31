"""Hospitals and health systems that are known by a name of their own: Cedars-Sinai, Mass General, UPMC.

No noun gives them away, so they are listed: large or well-known institutions of the United States, Canada and Britain.
A list is never complete; what stands beside it (`places`) are the words that institutions are spoken of with.
"""

from __future__ import annotations

import re
from functools import cache

from itd_pipeline.text.identifiers.eponyms import is_eponym
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.places import gives_advice

_NAMES = """
adventhealth|advocate aurora|advocate christ|allegheny general|allegheny health network|alta bates|ann & robert h. lurie
ascension|atrium health|aurora health|banner health|banner university|barnes-jewish|barnes jewish|baptist health|bayhealth
baycare|baylor|baylor scott & white|baystate|beaumont|bellevue|ben taub|beth israel|beth israel deaconess|bidmc
billings clinic|bon secours|boston children's|bridgeport hospital|brigham & women's|brigham and women's|brigham|bronxcare
bryn mawr|cambridge health alliance|carilion clinic|carle|carolinas medical center|cedar sinai|cedar-sinai|cedars sinai
cedars-sinai|centra health|chop|christiana care|christus health|city of hope|cleveland clinic|cleveland clinic florida
columbia presbyterian|columbia-presbyterian|commonspirit|cook children's|cook county|cooper university|corewell health
covenant health|dana farber|dana-farber|danbury hospital|dartmouth-hitchcock|dartmouth hitchcock|denver health|
dignity health|duke health|duke raleigh|duke regional|elmhurst hospital|emory|emory healthcare|emory midtown|
essentia health|fairview southdale|fox chase|fred hutch|fred hutchinson|froedtert|geisinger|george washington university
good samaritan|grady|grady memorial|great ormond street|guy's and st thomas'|hackensack meridian|hackensack university
harborview|hartford healthcare|hennepin county|hennepin healthcare|henry ford|henry ford health|hoag|holy cross|
honorhealth|houston methodist|huntsman cancer|indiana university health|inova|inova fairfax|inspira|integris|
intermountain|intermountain health|iu health|jackson memorial|jackson health|jefferson health|john hopkins|johns hopkins
joe dimaggio|john muir|kaiser|kaiser permanente|keck|kettering health|king's college hospital|kings county|lahey|lahey clinic|lankenau|legacy emanuel|legacy good samaritan|lehigh valley|lenox hill|loma linda|long island jewish|
los angeles county|lurie children's|loyola|lvhn|maimonides|main line health|marshfield clinic|mass general|
mass general brigham|massachusetts general|mass. general|mass gen|mayo|mayo clinic|mcgill university|mcleod|md anderson
m.d. anderson|medstar|medstar washington|memorial hermann|memorial sloan kettering|memorial sloan-kettering|
sloan kettering|sloan-kettering|mercyone|methodist dallas|methodist|metrohealth|mgh|moffitt|montefiore|morristown
mount auburn|mount sinai|mt sinai|mt. sinai|mskcc|multicare|musc|nationwide children's|nebraska medicine|nemours|
newton-wellesley|newyork-presbyterian|new york presbyterian|new york-presbyterian|newyork presbyterian|ny presbyterian
northshore|northside hospital|northwell|northwell health|northwestern medicine|northwestern memorial|norton healthcare
novant|novant health|nyp|nyu|nyu langone|ochsner|ohiohealth|ohsu|orlando health|orlando regional|oschner|overlake|
palo alto medical foundation|palmetto|parkland|peacehealth|penn|penn medicine|penn presbyterian|penn state health|
piedmont|piedmont atlanta|presbyterian|prisma health|prohealth|providence|providence st. vincent|provident|
queen's medical center|rady children's|renown|riley children's|rochester general|ronald reagan ucla|roswell park|rush|
rush presbyterian|rutgers|rwjbarnabas|saint luke's|samaritan|san francisco general|zuckerberg san francisco general|
sanford|sanford health|scripps|scripps mercy|seattle children's|sentara|sharp memorial|sharp healthcare|shands|shriners
spectrum health|ssm health|st jude|st. jude|stanford|stanford health|stony brook|strong memorial|sunnybrook|
sutter|sutter health|swedish|tampa general|temple university|texas children's|texas health|the royal marsden|
thomas jefferson|tenet|trinity health|tufts|tufts medical|tulane|uab|uc davis|uc health|uchealth|uchicago|ucla|ucla health|ucsd|ucsf|ucsf benioff|uf health|uh cleveland|uihc|umass memorial|umc|unc|unc health|unitypoint|university
hospitals|upmc|upmc presbyterian|upstate|usc|ut southwestern|uvm|uw health|uw medicine|va palo alto|vanderbilt|vcu|
vcu health|virginia mason|wake forest baptist|wakemed|walter reed|weill cornell|wellspan|wellstar|westchester medical|
west penn|winthrop|yale new haven|yale-new haven|yale|addenbrooke's|john radcliffe|st thomas'|st bartholomew's|
toronto general|mount sinai toronto|sickkids|vancouver general|montreal general|jewish general
"""
_TOO_SHORT_ALONE = frozenset("""
    baylor brigham ascension beaumont carle emory grady hoag inova integris kaiser keck lahey mayo methodist moffitt morristown
    palmetto parkland penn piedmont presbyterian providence provident renown rush rutgers samaritan sanford
    scripps sentara shands shriners stanford sutter swedish tenet tufts tulane upstate usc vanderbilt yale covenant
    nyu duke ochsner intermountain musc umc unc uab chop bellevue trinity nemours novant overlake loyola multicare uvm
    winthrop northshore methodist kings
""".split())
_KIND = re.compile(
    r" (?:Health(?:care| System| Care| Center| Network)?|Hospitals?|Med(?:ical|\.)? (?:Cent(?:er|re)|Ctr\.?)|Clinics?|Medicine|"
    r"Cancer (?:Center|Institute)|Children's Hospital|[Cc]linic|[Hh]ospital|[Cc]ampus|[Oo]ffice|General|"
    r"med(?:ical)? c(?:en)?t(?:er|re|r))(?!\w)")
_PLACED = re.compile(r"(?:\b(?:at|in|to|from|via|visited|attended|near|our|ref|outside)|[@,(])\s$", re.I)
_CAPITAL = re.compile(r"(?<![\w@./&-])[A-Z][A-Za-z]*")
_LONGEST = 48


@cache
def _by_first_word() -> dict[str, list[str]]:
    """Names in lower case by their first run of letters, longest first."""
    listed = {name.strip() for name in re.sub(r"\s*\n\s*", "|", _NAMES.strip()).split("|") if name.strip()}
    found: dict[str, list[str]] = {}
    for name in sorted(listed | _TOO_SHORT_ALONE, key=lambda name: (-len(name), name)):
        found.setdefault(re.match(r"[a-z]+", name).group(), []).append(name)  # type: ignore[union-attr]
    return found


class InstitutionRecogniser:
    """Finds listed institutions. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        found = []
        names = _by_first_word()
        position = 0
        for match in _CAPITAL.finditer(text):
            start = match.start()
            candidates = names.get(match.group().lower())
            if candidates is None or start < position:
                continue
            window = text[start : start + _LONGEST].lower().replace("\u2019", "'").replace("\n", " ")
            for name in candidates:
                end = start + len(name)
                if not window.startswith(name) or text[end : end + 1].isalnum():
                    continue
                kind = _KIND.match(text, end)
                alone = name in _TOO_SHORT_ALONE and kind is None
                if gives_advice(text, start):
                    continue
                if (alone and not _PLACED.search(text, max(0, start - 12), start)) or is_eponym(text, start, end):
                    continue
                position = kind.end() if kind else end
                found.append(Finding(start, position, "hospital", "institution"))
                break
        return found
