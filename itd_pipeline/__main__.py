"""`python -m itd_pipeline` is the `itd` command."""

from itd_pipeline.cli import main

main()
