"""What is broken on purpose is there to be broken, and is a program afterwards."""

import ast

import pytest

from tests.trying.broken_rules import BrokenRule, rules


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_is_in_one_place_and_can_be_broken(rule: BrokenRule) -> None:
    broken = rule.broken()
    assert rule.now in broken
    ast.parse(broken)


def test_a_rule_that_is_not_there_is_no_rule() -> None:
    with pytest.raises(ValueError, match="nothing: 0 such places"):
        rules()[0]._replace(name="nothing", was="what nobody wrote").broken()
