"""De-identification on values that no rule has seen: a gold set whose identifiers are replaced by others of their kind.

    python benchmarks/deid_pressure.py GOLD [--rounds 3] [--seed 0] [--show 40]

The texts of GOLD keep their sentences; every marked name, place, date, number and address is drawn anew, in the shape
that it had or in another that people write, and the words before it (seen at, MRN) are exchanged for others. What a
rule has learnt by heart fails here.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from pathlib import Path

from itd_pipeline.deid_evaluation import GoldSpan, GoldText, class_of, evaluate, read_gold
from itd_pipeline.text import deidentify

_GIVEN = re.findall(r"\S+", """
    Aaliyah Abdullahi Adaeze Agnieszka Akira Alejandra Amara Anders Anjali Annika Antoine Arjun Astrid Ayumi Beatriz
    Benjamin Bjorn Brianna Carlos Charlotte Chen Chidi Claire Courtney Dalia Dmitri Edith Efua Elena Esperanza Ethan
    Fatou Fiona Gabriel Georgina Giulia Grace Gunther Hana Harriet Hassan Hector Hiroshi Hope Ibrahim Imani Ines
    Isabella Ivan Jasmine Javier Jia Joaquin Jordan Kareem Katarzyna Kwame Lakshmi Latisha Leila Liam Lorenzo Lucia
    Mateo Mei Mercy Mila Nadia Ngozi Noah Olga Oluwaseun Pablo Penelope Pradeep Quentin Rashid Rose Rohan Sadia
    Santiago Shanice Siobhan Soren Suresh Svetlana Tariq Theodore Tomasz Ulrike Uma Vikram Wei Ximena Yara Yusuf
    Zainab Zoe
""")
_SURNAME = re.findall(r"\S+", """
    Abara Achterberg Adeyemi Agarwal Ahlstrom Almeida Appiah Arslan Baptiste Becker Bianchi Boateng Bose Bush
    Castellanos Chaudhry Chukwu Cohen Cook Dang Delacroix Dlamini Dubois Eriksen Estrada Farouk Fernando Fischer Fox
    Frost Gallagher Gill Goldberg Grabowski Grant Gupta Hakimi Hansen Hayashi Hoffmann Hossain Huang Ivanov Iyer
    Jankowski Joshi Kaur Khalil Kim Kowalczyk Kruger Kumar Lambert Lindqvist Lombardi Mbeki Mendoza Mishra Moreau
    Mukherjee Murray Mwangi Nakamura Novak O'Brien O'Sullivan Obi Okafor Okonkwo Olsen Osei Pappas Park Petrov Pham
    Price Quispe Rahman Reddy Rice Rivers Romano Rossi Salazar Sandoval Schmidt Shah Silva Singh Sokolov Stone
    Suzuki Takahashi Tanaka Tran Ueda Vasquez Vu Walsh Washington Woods Yamamoto Yildiz Zhang Zhou Zielinski
    Garcia-Lopez Smith-Jones MacDonald McCarthy
""")
_PLACE = """
Cooper University Hospital|Tampa General|Oak Ridge Family Clinic|Barnes-Jewish Hospital|Duke|Emory|Yale New Haven|
Lurie Children's|Hennepin County Medical Center|Intermountain|Sutter Health|Providence St. Vincent|Scripps Mercy|
Henry Ford Hospital|Beaumont|Ochsner|Tulane Medical Center|Parkland|Ben Taub|Grady Memorial|MD Anderson|Dana-Farber|
Fred Hutchinson|City of Hope|Moffitt|Fox Chase|Roswell Park|Wake Forest Baptist|Cook County Hospital|Lenox Hill|
Montefiore|Maimonides|Lincoln Hospital in the Bronx|Jamaica Hospital|Kings County Hospital|
Swedish Medical Center, Seattle|Legacy Emanuel|OHSU|UPMC Presbyterian|Thomas Jefferson University Hospital|
Temple University Hospital|Penn Medicine|MedStar Washington|Inova Fairfax|Sentara Norfolk General|VCU Health|
Carolinas Medical Center|Prisma Health|Memorial Hermann|Texas Children's Hospital|Banner Health|St. Jude|
St. Elizabeth's|Saint Agnes Hospital|St. Bernadette's Clinic|Sacred Heart Medical Center|Mercy Hospital St. Louis|
Holy Cross Hospital|Good Shepherd Clinic|Lakeside Medical Center|Pine Ridge Clinic|Maplewood Family Practice|
Harbor View Clinic|Sunnyside Health Center|North Shore University Hospital|Desert Springs Hospital|Baltimore|
Phoenix|Portland, OR|Omaha, NE|Tucson|Fresno|Albuquerque|Tallahassee|Boise, Idaho|Duluth|Santa Fe|El Paso|
Queens, NY|Salt Lake City|St. Louis|Minneapolis|Kansas City|New Orleans|Baton Rouge|Anchorage|Honolulu|Pittsburgh|
Cincinnati clinic|Phoenix office|Portland VA|Memphis VA Medical Center|456 Oak Avenue, Denver, CO|
22 Birch Lane, Apt 4B, Newark, NJ 07102|1900 W. Polk Street, Chicago|Walter Reed|Bethesda Naval Hospital|
Royal London Hospital|Toronto General Hospital
""".replace("\n", "").split("|")
_DATE = ("%B %d, %Y", "%B %d{th}, %Y", "%b %d, %Y", "%b. %d, %Y", "%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d", "%d %B %Y",
         "%d{th} of %B %Y", "%d %b %Y", "%m-%d-%Y", "%B %Y", "%b %d{th} '%y", "%d-%b-%Y", "%b %d{th}", "%m.%d.%Y",
         "last %A", "last %B", "%A, %B %d, %Y", "%d/%m/%Y", "%b %d %Y", "%B %d", "%m/%d")
_BEFORE = {
    "seen at": ["evaluated at", "followed at", "treated by the team at", "an inpatient at", "under care at",
                "who presented to", "referred from", "managed at", "discharged from", "who had surgery at"],
    "admitted to": ["transferred to", "hospitalized at", "brought to", "admitted at"],
    "treated at": ["cared for at", "managed at", "receiving care at", "operated on at"],
    "MRN:": ["medical record number", "MR#", "Med Rec #:", "chart number", "record no.", "hospital number:", "MRN =",
             "patient no.", "medical record #", "med. rec. no."],
    "MRN": ["medical record number", "mrn#", "chart #", "record number", "MRN is", "MR no."],
    "insurance number": ["health plan ID", "member ID", "policy number", "insurance ID", "beneficiary number",
                         "plan number", "subscriber ID", "Medicare number"],
}


def _spelled_date(draw: random.Random) -> str:
    import datetime

    date = datetime.date(draw.randint(2015, 2024), draw.randint(1, 12), draw.randint(1, 28))
    ending = "th" if 11 <= date.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(date.day % 10, "th")
    written = date.strftime(draw.choice(_DATE)).replace("{th}", ending)
    return re.sub(r"\b0(\d(?:st|nd|rd|th))", r"\1", written)


def _same_shape(value: str, draw: random.Random) -> str:
    """Other letters and digits in the same places; a first digit is never 0."""
    out = [draw.choice("ABCDEFGHJKLMNPQRSTVWXYZ") if c.isupper() else draw.choice("abcdefghkmnprst") if c.islower()
           else draw.choice("123456789") if c.isdigit() else c for c in value]
    return "".join(out)


def _name(value: str, draw: random.Random) -> str:
    given, surname = draw.choice(_GIVEN), draw.choice(_SURNAME)
    words = value.split()
    title = words.pop(0) + " " if words and re.fullmatch(r"(?:Dr|Mrs?|Ms|Prof)\.?", words[0]) else ""
    if len(words) == 1:
        return title + (surname if title or words[0] != given else given)
    if re.fullmatch(r"[A-Z]\.?", words[-1]):
        return f"{title}{given} {surname[0]}{'.' if words[-1].endswith('.') else ''}"
    if re.fullmatch(r"[A-Z]\.?", words[0]):
        return f"{title}{given[0]}. {surname}"
    middle = f"{draw.choice('ABCDEFGHJKLMNPRST')}. " if len(words) > 2 else ""
    return f"{title}{given} {middle}{surname}"


def other_value(label: str, value: str, draw: random.Random) -> str:
    """Another identifier of the kind."""
    kind = class_of(label, {})
    if kind == "name":
        return _name(value, draw)
    if kind == "date":
        return _spelled_date(draw)
    if kind in {"address", "hospital"}:
        return _same_shape(value, draw) if value.isdigit() else draw.choice(_PLACE)
    if kind == "ip":
        return ".".join(str(draw.randint(1, 254)) for _ in range(4))
    if kind == "email":
        return f"{draw.choice(_GIVEN).lower()}{draw.choice(['.', '_', ''])}{draw.choice('abcdef')}@example.org"
    if kind in {"phone", "fax"}:
        a, b, c = draw.randint(201, 989), draw.randint(200, 999), draw.randint(0, 9999)
        return draw.choice([f"{a}-{b}-{c:04d}", f"({a}) {b}-{c:04d}", f"{a}.{b}.{c:04d}", f"+1 {a} {b} {c:04d}",
                            f"1-{a}-{b}-{c:04d}", f"{a} {b} {c:04d}", f"{a}{b}{c:04d}"])
    words, number = re.fullmatch(r"((?:[A-Za-z]+:? )*)(.*)", value, re.DOTALL).groups()  # type: ignore[union-attr]
    return words + _same_shape(number, draw) if any(c.isdigit() for c in number) else value


def swapped(gold: GoldText, draw: random.Random) -> GoldText:
    """The text with other identifiers, and where they stand now."""
    pieces: list[str] = []
    spans: list[GoldSpan] = []
    position = length = 0
    for span in sorted(gold.spans, key=lambda span: span.start):
        if span.start < position:
            continue
        before = gold.text[position : span.start]
        for words, others in _BEFORE.items():
            if before.rstrip(" (").endswith(words) and draw.random() < 0.7:
                at = before.rindex(words)
                before = before[:at] + draw.choice(others) + before[at + len(words):]
                break
        value = other_value(span.label, gold.text[span.start : span.end], draw)
        pieces += [before, value]
        length += len(before)
        spans.append(GoldSpan(length, length + len(value), span.label))
        length += len(value)
        position = span.end
    pieces.append(gold.text[position:])
    return GoldText(gold.text_id, "".join(pieces), tuple(spans))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=40)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    texts = [swapped(gold, draw) for _ in range(given.rounds) for gold in read_gold(given.gold)]
    measured = evaluate(texts, lambda text: deidentify(text).findings, {})
    for kind, count in [*measured.recall.items(), ("overall", measured.overall)]:
        lower, upper = count.interval or (0.0, 1.0)
        print(f"{kind:10} {count.hits:5} of {count.cases:5}  {count.share:.4f}  (95 % {lower:.4f} to {upper:.4f})")
    print(f"words changed outside of gold: {measured.words_changed.hits} of {measured.words_changed.cases}; "
          f"clean texts touched: {measured.clean_texts_touched.hits} of {measured.clean_texts_touched.cases}")
    seen = Counter((missed.label, missed.value) for missed in measured.missed)
    for (label, value), times in seen.most_common(given.show):
        print(f"  {times}  {label}  {value}")


if __name__ == "__main__":
    main()
