"""Decontamination: finding items of benchmarks in texts, word by word and in other words.

Belongs here: everything from the words of a block of texts to a list of matches. Does not belong here: the columns of
the signal (`signals.contamination`), the benchmarks of a profile (`signals.benchmarks`), thresholds (the policy).

The way in is `matching.find_matches`: it reads texts as hashed words (`byte_words`), finds shared runs (`runs`,
`verbatim`) and shared bonds of rare words (`paraphrase`) by an `index` made of `items`, in which `stock` words are
marked. `meaning` compares vectors of sentences, where a profile names a model that makes them. `builders` read what
benchmarks are published as.
"""
