"""One suite of tests that every vendor passes by supplying fixtures only."""

import pytest

pytest.register_assert_rewrite("contract.suite", "contract.whole_way")  # so that a failure says what was compared
