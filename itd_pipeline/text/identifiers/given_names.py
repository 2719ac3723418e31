"""Common given names, as evidence that two capitalised words are a person.

Names that are also everyday words, months, places or devices (Will, Mark, Grace, May, Jordan) are left out. The
list is evidence for recall, never the only rule: labels, titles and relatives find names that are not on it.
"""

from __future__ import annotations

import re

GIVEN_NAMES = frozenset(re.findall(r"\S+", """
    aaron abigail adam adrian agnes ahmed aisha alan albert alejandro alex alexander alexandra alexis alfred ali
    alice alicia alison allison amanda amber amelia amir amy ana andre andrea andreas andrew angela anita ann
    anna anne annette annie anthony antonio arthur ashley audrey barbara beatrice benjamin bernard bernice beth
    betty beverly blanca bonnie brandon brenda brian bridget bruce caitlin calvin cameron carl carla carlos
    carmen carol caroline carolyn catherine cathy cecilia charles charlie cheryl chloe chris christina christine
    christopher claire clara clarence claudia colin connie craig crystal curtis cynthia daniel daniela danielle
    danny darren david dawn deborah debra denise dennis derek diana diane diego dolores dominic donald donna
    doris dorothy douglas duncan dylan earl edgar edith eduardo edward edwin eileen elaine eleanor elena
    elizabeth ella ellen elsie emily emma eric erica erik erin ernest esther ethan eugene eva evan evelyn farah
    fatima felicia fernando fiona florence francesca francis francisco frank fred frederick gabriel gabriela
    gail gareth gary geoffrey george gerald geraldine gina giovanni gladys glenn gloria gordon graham greg
    gregory guadalupe hannah harold harriet harry harvey hassan heather hector helen henry herbert howard hugh
    hussein ian ibrahim igor imran ingrid irene isaac isabel isabella ivan jack jackie jacob jacqueline jake
    james jamie jan jane janet janice jasmine jason javier jay jean jeff jeffrey jennifer jeremy jerome jerry
    jesse jessica jill jim jimmy joan joann joanna joanne joe joel john johnny jonathan jorge jose josé josef
    joseph josephine joshua joyce juan juanita judith judy julia julian julie justin karen karl kate katherine
    kathleen kathryn kathy katie keith kelly kenneth kevin kim kimberly kirsten kyle larry laura lauren laurence
    lawrence leah lee leon leonard leroy leslie lewis liam lillian linda lindsay lisa lloyd logan lois lori
    lorraine louis louise lucas lucia lucille lucy luis luke lydia lynn madison malcolm manuel marcia marcus
    margaret maria marian marie marilyn mario marion marjorie marlene martha martin martha marvin mary matthew
    maureen maurice max megan mei melanie melissa mercedes mia michael michelle miguel mike mildred milton
    minnie miriam mohamed mohammad mohammed monica morgan muhammad murray mustafa nadia nancy naomi natalie
    natasha nathan nathaniel neil nicholas nicola nicole nina nora norma norman oliver olivia omar oscar owen
    pamela patricia patrick paul paula pauline pedro peggy peter philip phillip phyllis priya rachel rafael
    ralph ramon randall randy raj rajesh raul ravi raymond rebecca regina reginald renee rhonda ricardo richard
    rita robert roberta roberto robin rodney roger roland ronald rosa rosalind rosemary ross roy russell ruth
    ryan sally salvador samantha samuel sandra sanjay sara sarah scott sean seamus sergio shannon sharon shaun
    shawn sheila sherry shirley siobhan simon sofia sonia sophia sophie stacy stanley stella stephanie stephen
    steve steven stuart sue sunita susan suzanne sylvia tamara tammy tania tanya tara teresa terence terrence
    terry thelma theodore theresa thomas tiffany tim timothy tina todd tom tony tracey tracy travis trevor tyler
    valerie vanessa vera vernon veronica vicki victor victoria vincent vivian walter wanda wayne wei wendy
    wilfred william winifred xavier yolanda yuki yusuf yvonne zachary zoe
"""))
