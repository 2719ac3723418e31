"""Regions larger than a state, and what their people are called: no identifiers under Safe Harbor, and no names.

Countries and states come from `gazetteer`; this list holds what no package carries.
"""

from __future__ import annotations

import re

_PEOPLES = frozenset(re.findall(r"\S+", """
    africa african africans americas american americans asia asian asians europe european europeans oceania australasia
    antarctica arctic caribbean mediterranean scandinavia scandinavian balkan balkans nordic baltic latin latino latina
    latinos latinas latinx hispanic hispanics caucasian caucasians arab arabs arabic arabian jewish jews hebrew yiddish
    muslim muslims islamic christian christians catholic catholics protestant buddhist buddhists hindu hindus sikh sikhs
    ashkenazi sephardic romani roma inuit maori aboriginal aboriginals amerindian polynesian melanesian micronesian
    afghan albanian algerian angolan argentine argentinian armenian australian australians austrian azerbaijani
    bahraini bangladeshi belarusian belgian bolivian bosnian brazilian brazilians british britons bulgarian burmese
    cambodian cameroonian canadian canadians chilean chinese colombian congolese croatian cuban cypriot czech danish
    dane danes dominican dutch ecuadorian egyptian emirati english eritrean estonian ethiopian fijian filipino filipinos
    filipina finnish finn french gambian georgian german germans ghanaian greek greeks guatemalan guyanese haitian
    haitians honduran hungarian icelandic indian indians indonesian iranian iraqi irish israeli italian italians
    jamaican japanese jordanian kazakh kenyan korean koreans kuwaiti kurdish kurds laotian latvian lebanese liberian
    libyan lithuanian malagasy malawian malaysian maltese mauritian mexican mexicans moldovan mongolian moroccan
    mozambican namibian nepali nepalese nigerian nigerians norwegian omani pakistani pakistanis palestinian panamanian
    paraguayan persian peruvian polish pole poles portuguese qatari romanian russian russians rwandan salvadoran samoan
    saudi saudis scot scots scottish senegalese serbian singaporean slovak slovakian slovene slovenian somali somalis
    spanish spaniard spaniards sudanese swede swedish swiss syrian syrians taiwanese tanzanian thai tibetan tongan
    trinidadian tunisian turk turks turkish ugandan ukrainian ukrainians uruguayan uzbek venezuelan vietnamese welsh
    yemeni zambian zimbabwean bengali punjabi tamil gujarati urdu hindi mandarin cantonese swahili tagalog farsi pashto
    england scotland wales ireland ulster anglia america australasian greenland puerto rico guam samoa bermuda gibraltar
    jersey guernsey hong kong macau taiwan palestine kosovo tibet kashmir crimea catalonia siberia mesoamerica eurasia
    african-american african-americans afro-american afro-caribbean asian-american anglo-saxon western westerners
    eastern northern southern midwestern midwest appalachian appalachia new-world old-world native natives
"""))


def is_people(word: str) -> bool:
    """Whether a word, in any case, is a region larger than a state, a people, a religion or a language."""
    return word.lower().replace("\u2019", "'").removesuffix("'s") in _PEOPLES
