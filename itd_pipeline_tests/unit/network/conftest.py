"""The fixture of a server on this machine."""

from itd_pipeline_tests.web_server import site

__all__ = ["site"]
