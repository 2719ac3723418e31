"""Ten stages wired together: what each reads, which room does its work, what it writes. No Dagster.

`graph.py` lists the stages in order; `refresh.py` runs one if anything that decides its content has changed;
`plan.py` says what a build would do. Dagster's assets (`defs/`) and the command line both stand on these.
"""
