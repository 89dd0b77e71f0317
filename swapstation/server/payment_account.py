"""The default payment service: the balance of the fleet's own account, which needs nobody outside."""

from __future__ import annotations

from swapstation.model.payment import Charge, Paid


class AccountPayment:
    """The price of an order is entered in the account with the order; nothing more is charged. Below zero: it owes."""

    name = "account"

    async def charge(self, charge: Charge) -> Paid:
        return Paid(charge.reference, by_balance=True)

    async def find(self, charge: Charge) -> Paid:
        return Paid(charge.reference, by_balance=True)
