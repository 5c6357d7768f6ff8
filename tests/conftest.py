"""What every test shares: deterministic hypothesis settings and the example documents."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

EXAMPLES = Path(__file__).parent.parent / "examples" / "data"


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are processors: a good part of the tests waits for a socket or a clock most of its time."""
    return (os.cpu_count() or 1) + 2


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of example documents."""
    return EXAMPLES
