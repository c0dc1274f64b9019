"""What stands beside a flag is the same whether it was fetched with the flag or is read afterwards."""

from __future__ import annotations

from datetime import timedelta

from riskmonitor.flags.alongside import ALONGSIDE, active_again_at, crisis_plan_at, next_step
from riskmonitor.models import Flag
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now, sweep_until


def test_a_flag_that_was_fetched_bare_costs_one_query_and_says_the_same(cast: Cast, django_assert_num_queries) -> None:
    pk = raise_now(cast.annas).pk
    sweep_until(NOW + timedelta(minutes=31))
    bare, whole = Flag.objects.get(pk=pk), Flag.objects.annotate(**ALONGSIDE).get(pk=pk)
    with django_assert_num_queries(1):
        said = next_step(bare), crisis_plan_at(bare), active_again_at(bare)
    with django_assert_num_queries(0):
        assert (next_step(whole), crisis_plan_at(whole), active_again_at(whole)) == said
    assert next_step(bare).audience
