"""The review application: a local web server with pages for reviewers, adjudicators, authors and the lead.

    app.py        the application: routes and what all pages share
    guard.py      who may talk to the server at all: hosts, proxy, cross-site requests, headers
    requests.py   reading forms, showing templates, sessions
    judging.py    one record or pair per page: answer, draft, undo, own answers
    deciding.py   the third opinion on records in dispute
    seeds.py      writing seeds and signing them off
    leading.py    progress, people, links, disputes, what the release still needs
    standing.py   counting that beside the pages
    following.py  the rubric as its file says now
    serving.py    where it listens, and under which conditions
    templates/, static/

Pages are plain HTML forms that work without JavaScript; `static/keys.js` adds keys, drafts while typing and the
looking up of near-duplicates. Does not belong here: what is kept (`review_store/`) or what may be answered (`review/`).
"""

from __future__ import annotations

from itd_pipeline.review_server.app import ReviewApp, make_app

__all__ = ["ReviewApp", "make_app"]
