"""The commands of `itd`, one file each. They ask and print; the work is done in `pipeline/` and `defs/`."""
