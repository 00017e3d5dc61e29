"""The module that Zappa loads: the only one that does work when it is imported."""

from gems_api.compose import app_from_environment
from gems_api.logs import configure_logging

configure_logging()
app = app_from_environment()
