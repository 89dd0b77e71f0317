"""query_equip_business_policy: what a kWh costs over a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from swapstation.energy.tariff import Price, Stretch
from swapstation.supervision.codes import SuccStat
from swapstation.supervision.order_messages import MOST_DETAILS, PolicyAnswer, PolicyPeriod, PolicyQuestion
from swapstation.supervision.wire_fields import CHINA, rounded

NO_POLICY = 1
_PLACES = 4


def policy_answer(question: PolicyQuestion, stretches: Sequence[Stretch]) -> PolicyAnswer:
    """The prices of a day's stretches; at most 32, the market's quarters are joined. Without any: no policy."""
    periods = tuple(
        PolicyPeriod(
            stretch.start.astimezone(CHINA).time(),
            rounded(stretch.price.electricity, _PLACES),
            rounded(stretch.price.service, _PLACES),
        )
        for stretch in _at_most(list(stretches))
    )
    fail = 0 if periods else NO_POLICY
    success = SuccStat.FAILED if fail else SuccStat.OK
    return PolicyAnswer(question.seq, question.connector_id, success, fail, len(periods), periods)


def _at_most(stretches: list[Stretch]) -> list[Stretch]:
    """The two neighbours whose prices differ least become one at their mean, until there are 32."""
    while len(stretches) > MOST_DETAILS:
        gaps = [abs(one.price.total - other.price.total) for one, other in pairwise(stretches)]
        at = gaps.index(min(gaps))
        stretches[at : at + 2] = [_joined(stretches[at], stretches[at + 1])]
    return stretches


def _joined(one: Stretch, other: Stretch) -> Stretch:
    first_s, second_s = (Decimal((each.end - each.start) // timedelta(seconds=1)) for each in (one, other))
    mean = (one.price.electricity * first_s + other.price.electricity * second_s) / (first_s + second_s)
    service = (one.price.service * first_s + other.price.service * second_s) / (first_s + second_s)
    price = Price(one.price.period, mean, service, one.price.version, one.price.fallback)
    return Stretch(one.start, other.end, price)
