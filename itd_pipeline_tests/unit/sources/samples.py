"""One small, well-formed file per reader, built in code: what the tests of damage start from."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

JATS = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS v1.0//EN" "JATS-archivearticle1.dtd">
<article article-type="research-article" xmlns:xlink="http://www.w3.org/1999/xlink" xml:lang="en"><front><journal-meta>
<journal-title-group><journal-title>Journal of Examples</journal-title></journal-title-group></journal-meta>
<article-meta><article-id pub-id-type="doi">10.1234/example.1</article-id><title-group><article-title>Iron in
pregnancy</article-title></title-group><pub-date><day>5</day><month>3</month><year>2016</year></pub-date>
<permissions><license xlink:href="http://creativecommons.org/licenses/by/4.0/"><license-p>CC BY</license-p></license>
</permissions><abstract><p>Iron helps&nbsp;some.</p></abstract></article-meta></front><body><sec><title>Methods</title>
<p>We gave 10<sup>6</sup> units <xref ref-type="bibr">[1]</xref>; <inline-formula><tex-math>x=1</tex-math>
</inline-formula>.</p><sec><title>Patients</title><p>Forty women.</p><table-wrap><label>Table 1</label><caption>
<title>Doses</title></caption><table><thead><tr><th>Drug</th><th>Dose</th></tr></thead><tbody><tr><td>Iron</td>
<td>60 mg</td></tr></tbody></table></table-wrap></sec></sec></body><back><ref-list><title>References</title><ref>
<mixed-citation>Someone. A paper.</mixed-citation></ref></ref-list></back></article>"""

PUBMED = """<?xml version="1.0"?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "pubmed.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><Journal><JournalIssue><PubDate><Year>2020</Year>
<Month>Feb</Month></PubDate></JournalIssue><Title>J</Title></Journal><ArticleTitle>Asthma</ArticleTitle><Abstract>
<AbstractText Label="AIM">To help.</AbstractText><AbstractText Label="RESULTS">It did.</AbstractText></Abstract>
<Language>eng</Language><PublicationTypeList><PublicationType>Journal Article</PublicationType></PublicationTypeList>
</Article><MeshHeadingList><MeshHeading><DescriptorName UI="D001249" MajorTopicYN="Y">Asthma</DescriptorName>
</MeshHeading></MeshHeadingList></MedlineCitation></PubmedArticle><PubmedArticle><MedlineCitation><PMID>2</PMID><Article>
<ArticleTitle>Withdrawn</ArticleTitle><Abstract><AbstractText>Wrong.</AbstractText></Abstract><PublicationTypeList>
<PublicationType>Retracted Publication</PublicationType></PublicationTypeList></Article></MedlineCitation>
</PubmedArticle><PubmedArticle><MedlineCitation><PMID>3</PMID><Article><ArticleTitle>Bare</ArticleTitle></Article>
</MedlineCitation></PubmedArticle></PubmedArticleSet>"""

SPL = """<?xml version="1.0"?><document xmlns="urn:hl7-org:v3"><id root="l-1"/><code code="34391-3"
displayName="HUMAN PRESCRIPTION DRUG LABEL"/><title>Examplin tablets</title><effectiveTime value="20200102"/>
<setId root="set-1"/><versionNumber value="3"/><component><structuredBody><component><section><code code="34067-9"
codeSystem="2.16.840.1.113883.6.1" displayName="INDICATIONS"/><title>1 INDICATIONS</title><text><paragraph>For pain.
</paragraph><table><thead><tr><th>Age</th><th>Dose</th></tr></thead><tbody><tr><td>Adult</td><td>5 mg</td></tr></tbody>
</table></text></section></component></structuredBody></component></document>"""

OPENFDA = json.dumps({"results": [{"set_id": "s", "version": "1", "effective_time": "20200102", "id": "i",
                                   "boxed_warning": ["WARNING: may cause sleep in adults."],
                                   "openfda": {"brand_name": ["Examplin"]}}]})

PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Okonkwo", "given": ["Ada", "B."]}],
           "birthDate": "1950-02-03", "telecom": [{"system": "phone", "value": "555-010-0199"}],
           "address": [{"line": ["1 Elm Street"], "city": "Springfield", "postalCode": "01101", "state": "MA"}],
           "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "MRN0012345"}]}
NOTE = "HISTORY: Ada Okonkwo came on 3 March 2019.\n\nPLAN: rest."
FHIR = json.dumps({"resourceType": "Bundle", "entry": [
    {"fullUrl": "urn:uuid:p1", "resource": PATIENT},
    {"resource": {"resourceType": "Condition", "id": "c1", "subject": {"reference": "urn:uuid:p1"},
                  "code": {"text": "Asthma"}, "onsetDateTime": "2011-01-02"}},
    {"resource": {"resourceType": "Observation", "id": "o1", "subject": {"reference": "Patient/p1"},
                  "code": {"text": "Weight"}, "valueQuantity": {"value": 70.5, "unit": "kg"}}},
    {"resource": {"resourceType": "DocumentReference", "id": "d1", "subject": {"reference": "Patient/p1"},
                  "content": [{"attachment": {"contentType": "text/plain",
                                              "data": base64.b64encode(NOTE.encode()).decode()}}]}},
    {"resource": {"resourceType": "Claim", "id": "x1"}}]})

CCDA = """<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2" extension="d"/>
<code code="34133-9"/>
<title>Summary</title><effectiveTime value="20120102"/><recordTarget><patientRole><id root="1.2.3" extension="998991"/>
<addr><streetAddressLine>2222 Home Street</streetAddressLine><city>Beaverton</city><state>OR</state></addr>
<telecom value="tel:+1(555)555-2003"/><patient><name><given>Eve</given><family>Betterhalf</family></name>
<birthTime value="19750501"/></patient></patientRole></recordTarget><component><structuredBody><component><section>
<code code="48765-2" codeSystem="2.16.840.1.113883.6.1"/><title>Allergies</title><text><list>
<item>Penicillin: hives</item></list></text></section></component></structuredBody></component></ClinicalDocument>"""

CNXML = """<document xmlns="http://cnx.rice.edu/cnxml"><title>Iron</title><metadata
xmlns:md="http://cnx.rice.edu/mdml"><md:content-id>m1</md:content-id></metadata><content><section><title>Sources</title>
<para>Meat and beans.</para><list><item>Beef</item></list></section></content></document>"""

MEDLINEPLUS = """<?xml version="1.0"?><health-topics><health-topic id="1" title="Asthma" url="https://example.org/a"
language="English" date-created="01/02/2020"><full-summary>&lt;p&gt;Asthma is common.&lt;/p&gt;</full-summary>
<group>Lungs</group></health-topic></health-topics>"""

HTML = """<!DOCTYPE html><html lang="en"><head><title>Asthma</title></head><body><nav><a href="/">Home</a></nav><main>
<h1>Asthma</h1><p>Asthma narrows the airways. It comes with wheeze and cough, and an inhaler opens them again.</p><ul>
<li>Wheeze</li></ul></main><footer>Contact us</footer></body></html>"""

MEDQUAD = """<?xml version="1.0"?><Document id="1" source="X" url="https://example.org"><Focus>Asthma</Focus><QAPairs>
<QAPair pid="1"><Question qid="1-1" qtype="treatment">What helps?</Question><Answer>An inhaler.</Answer></QAPair>
</QAPairs></Document>"""

NBIB = "PMID- 1\nTI  - Asthma\nAB  - It narrows\n      the airways.\nDP  - 2020 Jan\n"
PUBTATOR = "1|t|Asthma\n1|a|It narrows the airways.\n1\t0\t6\tAsthma\tDisease\tD001249\n"
COLUMNS = {"text": "text", "title": "title"}


def _zip(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCX = _zip({"word/document.xml": f"""<w:document xmlns:w="{_W}"><w:body><w:p><w:pPr>
<w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Plan</w:t></w:r></w:p><w:p>
<w:r><w:t>Rest </w:t></w:r><w:ins><w:r><w:t>and fluids</w:t></w:r></w:ins>
<w:del><w:r><w:delText>surgery</w:delText></w:r></w:del><w:r><w:t>.</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>Drug</w:t></w:r>
</w:p></w:tc><w:tc><w:p><w:r><w:t>5 mg</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"""})


def _pdf() -> bytes:
    stream = "BT /F1 12 Tf 72 700 Td (Asthma narrows the airways.) Tj 0 -16 Td (An inhaler opens them.) Tj ET"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R "
               ">> >> >>", f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def _xlsx() -> bytes:
    book = Workbook()
    book.active.append(["title", "text"])
    book.active.append(["Asthma", "It narrows the airways."])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"title": ["Asthma"], "text": ["It narrows the airways."]}), buffer)
    return buffer.getvalue()


CSV = "title,text\nAsthma,It narrows the airways.\nEczema,\"It itches,\nand is red.\"\n"
JSONL = '{"title":"Asthma","text":"It narrows the airways."}\n{"title":"Eczema","text":"It itches."}\n'

SAMPLES: dict[str, tuple[str, bytes, dict[str, object]]] = {
    "jats": ("a.xml", JATS.encode(), {}),
    "pubmed": ("a.xml", PUBMED.encode(), {}),
    "spl": ("a.xml", SPL.encode(), {}),
    "openfda": ("a.json", OPENFDA.encode(), {}),
    "fhir": ("a.json", FHIR.encode(), {}),
    "ccda": ("a.xml", CCDA.encode(), {}),
    "cnxml": ("a.cnxml", CNXML.encode(), {}),
    "medlineplus": ("a.xml", MEDLINEPLUS.encode(), {}),
    "html": ("a.html", HTML.encode(), {}),
    "medquad": ("a.xml", MEDQUAD.encode(), {}),
    "citations": ("a.nbib", NBIB.encode(), {}),
    "pubtator": ("a.txt", PUBTATOR.encode(), {}),
    "docx": ("a.docx", DOCX, {}),
    "pdf": ("a.pdf", _pdf(), {}),
    "xlsx": ("a.xlsx", _xlsx(), {"columns": COLUMNS}),
    "csv": ("a.csv", CSV.encode(), {"columns": COLUMNS}),
    "jsonl": ("a.jsonl", JSONL.encode(), {"columns": COLUMNS}),
    "parquet": ("a.parquet", _parquet(), {"columns": COLUMNS}),
    "markdown": ("a.md", b"---\ntitle: Asthma\n---\n# Asthma\n\nIt narrows the airways.\n", {}),
    "text": ("a.txt", b"It narrows the airways.\n", {}),
}
PACKED = {"jats": gzip.compress(JATS.encode(), mtime=0), "spl": _zip({"a/b.xml": SPL})}
