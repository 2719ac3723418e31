"""What the clean process, of which workers are forked, loads once for all of them by importing these modules.

Belongs here: loading. Does not belong here: anything that a worker could not load by itself.
"""
