"""Files, archives and XML from strangers, read safely and in bounded memory. Nothing here knows what a file means."""
