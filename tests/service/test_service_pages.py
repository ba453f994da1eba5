"""What every page for people says at its top."""

from __future__ import annotations

import pytest

from tests.service.conftest import ServiceMaker

BANNER = '<p class="synthetic">Synthetic patients. Not for clinical use.</p>'


@pytest.mark.parametrize("path", ["/insights", "/models", "/models/hpr_preoperative"])
def test_every_page_of_the_demo_says_so_before_anything_else(
    make_service: ServiceMaker, path: str
) -> None:
    """The line stands in the bar, not in the foot alone."""
    page = make_service().get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
    assert BANNER in page.partition("<main")[0]
