"""One file per format. A reader of whole files inherits `files.found.FileReader` and writes one verb, `documents`;
a reader of rows or of package data follows the protocol `items.Reader`. `registry.py` names them all."""
