"""Hospitals and health systems that are known by a name of their own: Cedars-Sinai, Mass General, UPMC.

No noun gives them away, so they are listed: large or well-known institutions of the United States, Canada and Britain.
A list is never complete; what stands beside it (`places`) are the words that institutions are spoken of with.
"""

from __future__ import annotations

import re
from functools import cache

from itd_pipeline.text.identifiers.eponyms import is_eponym
from itd_pipeline.text.identifiers.finder import Finder
from itd_pipeline.text.identifiers.finding import Finding
from itd_pipeline.text.identifiers.places import gives_advice

_NAMES = """
addenbrooke's|adventhealth|advocate aurora|advocate christ|allegheny general|allegheny health network|alta bates|
ann & robert h. lurie|ascension|atrium health|aurora health|banner health|banner university|baptist health|
barnes jewish|barnes-jewish|baycare|bayhealth|baylor|baylor scott & white|baystate|beaumont|bellevue|ben taub|
beth israel|beth israel deaconess|bidmc|billings clinic|bon secours|boston children's|bridgeport hospital|brigham|
brigham & women's|brigham and women's|bronxcare|bryn mawr|cambridge health alliance|carilion clinic|carle|
carolinas medical center|cedar sinai|cedar-sinai|cedars sinai|cedars-sinai|centra health|chop|christiana care|
christus health|city of hope|cleveland clinic|cleveland clinic florida|columbia presbyterian|columbia-presbyterian|
commonspirit|cook children's|cook county|cooper university|corewell health|covenant health|dana farber|dana-farber|
danbury hospital|dartmouth hitchcock|dartmouth-hitchcock|denver health|dignity health|duke health|duke raleigh|
duke regional|elmhurst hospital|emory|emory healthcare|emory midtown|essentia health|fairview southdale|fox chase|
fred hutch|fred hutchinson|froedtert|geisinger|george washington university|good samaritan|grady|grady memorial|
great ormond street|guy's and st thomas'|hackensack meridian|hackensack university|harborview|hartford healthcare|
hennepin county|hennepin healthcare|henry ford|henry ford health|hoag|holy cross|honorhealth|
houston methodist|huntsman cancer|indiana university health|inova|inova fairfax|inspira|integris|intermountain|
intermountain health|iu health|jackson health|jackson memorial|jefferson health|jewish general|joe dimaggio|
john hopkins|john muir|john radcliffe|johns hopkins|kaiser|kaiser permanente|keck|kettering health|
king's college hospital|kings county|lahey|lahey clinic|lankenau|legacy emanuel|legacy good samaritan|lehigh valley|
lenox hill|loma linda|long island jewish|los angeles county|loyola|lurie children's|lvhn|m.d. anderson|maimonides|
main line health|marshfield clinic|mass gen|mass general|mass general brigham|mass. general|massachusetts general|
mayo|mayo clinic|mcgill university|mcleod|md anderson|medstar|medstar washington|memorial hermann|
memorial sloan kettering|memorial sloan-kettering|mercyone|methodist|methodist dallas|metrohealth|mgh|moffitt|
montefiore|montreal general|morristown|mount auburn|mount sinai|mount sinai toronto|mskcc|mt sinai|mt. sinai|
multicare|musc|nationwide children's|nebraska medicine|nemours|new york presbyterian|new york-presbyterian|
newton-wellesley|newyork presbyterian|newyork-presbyterian|northshore|northside hospital|northwell|northwell health|
northwestern medicine|northwestern memorial|norton healthcare|novant|novant health|ny presbyterian|nyp|nyu|
nyu langone|ochsner|ohiohealth|ohsu|orlando health|orlando regional|oschner|overlake|palmetto|
palo alto medical foundation|parkland|peacehealth|penn|penn medicine|penn presbyterian|penn state health|piedmont|
piedmont atlanta|presbyterian|prisma health|prohealth|providence|providence st. vincent|provident|
queen's medical center|rady children's|renown|riley children's|rochester general|ronald reagan ucla|roswell park|
rush|rush presbyterian|rutgers|rwjbarnabas|saint luke's|samaritan|san francisco general|sanford|sanford health|
scripps|scripps mercy|seattle children's|sentara|shands|sharp healthcare|sharp memorial|shriners|sickkids|
sloan kettering|sloan-kettering|spectrum health|ssm health|st bartholomew's|st jude|st thomas'|st. jude|stanford|
stanford health|stony brook|strong memorial|sunnybrook|sutter|sutter health|swedish|tampa general|temple university|
tenet|texas children's|texas health|the royal marsden|thomas jefferson|toronto general|trinity health|tufts|
tufts medical|tulane|uab|uc davis|uc health|uchealth|uchicago|ucla|ucla health|ucsd|ucsf|ucsf benioff|uf health|
uh cleveland|uihc|umass memorial|umc|unc|unc health|unitypoint|upmc|upmc presbyterian|upstate|usc|
ut southwestern|uvm|uw health|uw medicine|va palo alto|vancouver general|vanderbilt|vcu|vcu health|virginia mason|
wake forest baptist|wakemed|walter reed|weill cornell|wellspan|wellstar|west penn|westchester medical|winthrop|yale|
yale new haven|yale-new haven|zuckerberg san francisco general|
"""
_TOO_SHORT_ALONE = frozenset(re.findall(r"\S+", """
    ascension baylor beaumont bellevue brigham carle chop covenant duke emory grady hoag inova integris
    intermountain kaiser keck kings lahey loyola mayo methodist moffitt morristown multicare musc nemours northshore
    novant nyu ochsner overlake palmetto parkland penn piedmont presbyterian providence provident renown rush
    rutgers samaritan sanford scripps sentara shands shriners stanford sutter swedish tenet trinity tufts tulane uab
    umc unc upstate usc uvm vanderbilt winthrop yale
"""))
_KIND = re.compile(
    r" (?:Health(?:care| System| Care| Center| Network)?|Hospitals?|Med(?:ical|\.)? (?:Cent(?:er|re)|Ctr\.?)|"
    r"Clinics?|Medicine|"
    r"Cancer (?:Center|Institute)|Children's Hospital|[Cc]linic|[Hh]ospital|[Cc]ampus|[Oo]ffice|General|"
    r"med(?:ical)? c(?:en)?t(?:er|re|r))(?!\w)")
_PLACED = re.compile(r"(?:\b(?:at|in|to|from|via|visited|attended|near|our|ref|outside)|[@,(])\s$", re.I)
_CAPITAL = re.compile(r"(?<![\w@./&-])[A-Z][A-Za-z]*")
_LONGEST = 48


@cache
def _by_first_word() -> dict[str, list[str]]:
    """Names in lower case by their first run of letters, longest first."""
    listed = {name.strip() for name in _NAMES.replace("\n", "").split("|") if name.strip()}
    found: dict[str, list[str]] = {}
    for name in sorted(listed | _TOO_SHORT_ALONE, key=lambda name: (-len(name), name)):
        found.setdefault(re.match(r"[a-z]+", name).group(), []).append(name)  # type: ignore[union-attr]
    return found


@cache
def _listed() -> Finder:
    """Finds any of the names, whatever stands around it: most texts hold none."""
    names = [re.escape(name).replace("'", "['\u2019]").replace(r"\ ", "[ \n]")
             for listed in _by_first_word().values() for name in listed]
    return Finder(re.compile("|".join(sorted(names, key=len, reverse=True)), re.IGNORECASE))


class InstitutionRecogniser:
    """Finds listed institutions. Follows the `Recogniser` protocol."""

    def find(self, text: str) -> list[Finding]:
        found: list[Finding] = []
        if not _listed().shows(text):
            return found
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
