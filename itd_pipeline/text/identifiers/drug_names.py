"""Names of drugs, which look like names of people: generic ones by the stems that the WHO gives them,
brands and generic names without such a stem by list.

Stems: WHO, "The use of stems in the selection of International Nonproprietary Names (INN) for pharmaceutical
substances". Brands are common ones of the United States and Britain; the list lowers over-redaction and decides
nothing where a title or a label says that a person is meant.
"""

from __future__ import annotations

import re

_STEM = re.compile(
    r"(?:mab|nib|tinib|ciclib|parib|degib|zomib|limus|vir|vudine|citabine|platin|rubicin|taxel|trexate|tecan|bine|"
    r"pril|sartan|olol|alol|dipine|statin|fibrate|gliptin|gliflozin|glutide|glitazone|glinide|formin|zide|semide|"
    r"xaban|gatran|parin|grel|plase|azole|prazole|tidine|setron|triptan|gepant|oxetine|traline|pramine|triptyline|"
    r"azepam|zolam|zepine|idone|apine|peridol|azine|barbital|toin|bactam|cillin|mycin|micin|floxacin|cycline|cef\w+|"
    r"penem|oxacin|sulfa\w*|thromycin|quine|nidazole|conazole|fungin|bendazole|vaptan|caine|curium|curonium|fentanil|"
    r"orphan|morphone|codone|codeine|profen|fenac|oxicam|coxib|sone|solone|onide|terol|tropium|lukast|phylline|"
    r"dronate|tocin|relin|tide|ase|cept|kinra|imod|fene|trozole|estrant|gest\w*|estradiol|steride|lutamide|"
    r"gabalin|gabapentin|racetam|tropin|thyroxine|insulin|ferol|calcitol|amine|idine|adine|arone|arin|ine|ol|one|ate)$"
)
_AT_LEAST = 7  # shorter words with such an ending are as often names: Caroline has eight, Simone and Carole six
_PEOPLE = frozenset(re.findall(r"\S+", """
    adolfine afolarin albertine alphonsine antoine augustine benjamine bernadine bernardine catharine catherine
    ceferino celestine charmaine christine clementine clémentine constantine célestine daphine delaine delphine
    earnestine ernestine evangeline florentine geraldine germaine ghislaine gladstone gwendoline géraldine helaine
    hubertine jackeline jacobine jacqueline jaqueline jeraldine jermaine johnstone josefine josephine joséphine
    katharine katherine laraine larraine livingstone loraine lorraine madelaine madeleine magdaline marceline
    melaine micheline philippine romaine stephine sylvaine thomasine tremaine valentine victorine wilhelmine
"""))  # given names that end like drugs
_NAMES_LIKE_STEMS = re.compile(r"(?:line|lene|rine|tine|dine|mine|vine|nine|zine|sine|cine|gine|one|ol|ate|ase|tide)$")
BRANDS = frozenset(re.findall(r"\S+", """
    abilify accupril aciphex actemra actonel actos adderall advair advil aggrenox albenza aldactone aleve alimta
    allegra ambien amitiza androgel anoro apixaban aptiom aranesp aricept arimidex arixtra aromasin asacol atacand
    ativan atripla atrovent augmentin avandia avapro avastin avelox avodart avonex azilect azithromycin bactrim
    baraclude belsomra benadryl benicar benlysta betaseron biktarvy boniva botox breo brilinta bumex buspar bydureon
    byetta bystolic caduet calan camptosar carafate cardizem cardura catapres celebrex celexa cellcept chantix cialis
    cimzia cipro claritin clexane clomid clozaril colace combivent combivir compazine complera concerta copaxone coreg
    cosentyx cosopt coumadin cozaar crestor cymbalta daclatasvir decadron demadex demerol depakote descovy desyrel
    detrol dexilant diamox diflucan digoxin dilantin dilaudid diovan ditropan dovato dulera duoneb dupixent duragesic
    effexor effient eliquis emgality enbrel entresto entyvio epclusa epipen epogen epzicom erbitux evista exelon
    exforge farxiga femara fentanyl flagyl flexeril flomax flonase florinef flovent focalin forteo fosamax fycompa
    gemzar genvoya geodon gilenya gleevec glucophage glucotrol glucovance halaven haldol harvoni herceptin humalog
    humira humulin hytrin hyzaar ibrance imbruvica imdur imitrex imodium imuran inderal infliximab intelence intuniv
    invega invokana isentress isordil januvia jardiance juluca kaletra keflex keppra keytruda klonopin klor-con
    kombiglyze lamictal lamisil lantus lasix latuda lenvima lescol letairis levaquin levemir levitra levoxyl lexapro
    lialda lipitor livalo lopressor losec lotensin lotrel lovenox lucentis lunesta lupron lynparza lyrica macrobid
    maxalt maxzide medrol metamucil mevacor micardis mirapex miralax mobic motrin mounjaro mucinex myrbetriq namenda
    naprosyn nasonex neulasta neupogen neurontin nexium nexletol niaspan norco normodyne norvasc novolog nplate nucala
    nucynta nuedexta nurtec nuvigil ocrevus odefsey ofev olumiant onglyza opdivo opsumit orencia otezla oxycontin
    ozempic pamelor parlodel parnate patanol paxil paxlovid pepcid percocet perjeta phenergan plaquenil plavix pletal
    pradaxa praluent pravachol prevacid prevnar prezista prilosec prinivil pristiq proair procardia procrit prograf
    prolia promacta propecia proscar protonix provera provigil prozac pulmicort qvar ranexa rapamune rebif reclast
    reglan remeron remicade renvela repatha requip restasis restoril retrovir revatio revlimid rexulti reyataz rinvoq
    risperdal ritalin rituxan robaxin rocephin rybelsus rytary sandimmune saxenda senokot sensipar seroquel serevent
    simponi sinemet singulair skyrizi soliris soma sovaldi spiriva sporanox stelara stiolo strattera stribild suboxone
    subutex synagis synthroid symbicort symtuza tagrisso taltz tamiflu tarceva tasigna taxol taxotere tecfidera
    tegretol temodar tenormin tivicay tofranil topamax toprol toradol toujeo tracleer tradjenta trandate trazodone
    tremfya trental tresiba tribenzor tricor trileptal trilipix trintellix triumeq trulicity truvada tylenol tysabri
    uceris uloric ultram ultresa valcyte valium valtrex vancocin vaseretic vasotec velcade ventolin verzenio vesicare
    viagra vicodin victoza vimpat viread voltaren vosevi votrient vraylar vytorin vyvanse wegovy welchol wellbutrin
    xanax xarelto xeljanz xeloda xgeva xolair xtandi xyrem yervoy zanaflex zantac zarontin zaroxolyn zebeta zejula
    zelboraf zepbound zestoretic zestril zetia ziac zithromax zocor zofran zoloft zometa zomig zonegran zostavax
    zovirax zyban zyloprim zyprexa zyrtec zytiga zyvox paracetamol panadol calpol nurofen gaviscon ventolin seretide
    fostair bricanyl clexane tazocin co-codamol co-amoxiclav buscopan movicol laxido oramorph sevredol zomorph
    eltroxin istin tritace adalat cardicor losec zoton microgynon cerazette depo-provera nexplanon mirena afrin
    alka-seltzer baclofen bayer benefiber bengay bexsero boostrix bupropion carbidopa cephalexin citalopram comirnaty
    dayquil depo-medrol desmopressin divalproex docusate dofetilide donepezil doxazosin doxepin dulcolax ecotrin
    emergen-c epoetin escitalopram etodolac excedrin ezetimibe febuxostat fluzone gardasil gemfibrozil glimepiride
    glucerna glyburide guaifenesin indomethacin isosorbide ivermectin ketamine ketorolac lacosamide latanoprost
    leflunomide loperamide lotrimin lucemyra menactra methyldopa metoclopramide midol minoxidil mirabegron modafinil
    moderna mylanta narcan nasacort neosporin nyquil oxybutynin pataday pedialyte pepto pfizer pneumovax pramipexole
    prazosin probenecid rifampin rifaximin riluzole robitussin ropinirole sacubitril sevelamer shingrix sildenafil
    solifenacin solu-medrol sotalol spikevax sublocade sudafed systane tadalafil tamsulosin terazosin theraflu
    ticagrelor tranexamic trimethoprim ursodiol varivax veklury vicks visine vivitrol zoledronic zolpidem zostavax
    risaquad darvocet xopenex persantine diskus acrysof
"""))


def is_drug(word: str) -> bool:
    """Whether a word, in any case, is the name of a drug."""
    lowered = word.lower()
    if lowered in BRANDS:
        return True
    if len(lowered) < _AT_LEAST or lowered in _PEOPLE or _STEM.search(lowered) is None:
        return False
    return len(lowered) > _AT_LEAST + 1 or _NAMES_LIKE_STEMS.search(lowered) is None
