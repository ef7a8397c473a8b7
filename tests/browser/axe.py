"""What axe-core, which sees a page as a screen reader does, finds wrong with it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")

STREAMLITS_OWN = {"svg-img-alt": "[data-testid=stMetric] *"}
"""By rule, what the pages cannot mend: the lines in st.metric have points for the pointer, without a text."""


def faults(page: Page) -> list[str]:
    """What axe-core finds grave on a page, a line each."""
    page.locator("[data-test-script-state=notRunning]").wait_for()
    return [
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
        if not is_streamlits_own(page, fault["id"], node["target"][-1])
    ]


def is_streamlits_own(page: Page, rule: str, selector: str) -> bool:
    """Whether a fault is one of :data:`STREAMLITS_OWN`."""
    return rule in STREAMLITS_OWN and bool(
        page.locator(selector).first.evaluate("(node, own) => node.matches(own)", STREAMLITS_OWN[rule])
    )
