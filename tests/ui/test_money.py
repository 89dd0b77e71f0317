"""Payments on the page: what is paid, by whom, and what is not. Orders are shown by the demo (docs/pictures)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from swapstation.business.database import open_business_database
from swapstation.business.fleet_account import enter
from swapstation.business.payments import become_due
from swapstation.config.settings import Config
from swapstation.model.order import EntryKind
from swapstation.server.actor import API
from tests.server.conftest import wait_until
from tests.server.running_server import running_server
from tests.ui.conftest import open_page

pytestmark = pytest.mark.slow


def with_a_payment(config: Config) -> None:
    """A charge of a fleet that is due: its account takes it within seconds."""
    business, now = open_business_database(config), datetime.now(UTC)
    with business.begin() as connection:
        enter(connection, "pit", now, EntryKind.ORDER, "order:S0", Decimal("-154.20"))
        become_due(connection, "order:S0", "pit", Decimal("154.20"), now)
    business.dispose()


def test_what_is_paid_is_seen_with_its_amount_and_who_took_it(browser: Browser) -> None:
    with running_server(with_a_payment) as server:
        headers = server.log_in()
        where = f"{server.url}{API}/payments"
        wait_until(lambda: "paid" in httpx2.get(where, headers=headers, trust_env=False).text)
        page, wrong = open_page(browser, server, "desk", "en", "money")
        payment = page.locator("#payments tbody tr")
        for words in ("order:S0", "pit", "154.20", "paid", "account"):
            expect(payment).to_contain_text(words)
        page.get_by_label("Only those not paid").check()
        expect(payment).to_have_count(0)
        assert wrong == []
        page.context.close()
