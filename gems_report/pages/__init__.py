"""What pages read: a summary of the run, and one small document a sample (docs/contracts.md, section 8)."""

from gems_report.pages.run_page import RunPage
from gems_report.pages.sample_page import SamplePage

__all__ = ["RunPage", "SamplePage"]
