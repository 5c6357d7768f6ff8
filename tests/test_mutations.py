"""The damage that the mutation tests do is real, repeatable and leaves the original alone."""

import copy
import json
import random
from typing import Any

from mutations import mutated

VALUE: Any = {
    "pages": [{"n": page, "blocks": [{"type": "text", "text": f"t{page}{b}"} for b in range(4)]} for page in range(3)]
}


def _random(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  (it is the repeatability that is wanted)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [found for item in value.values() for found in _texts(item)]
    if isinstance(value, list):
        return [found for item in value for found in _texts(item)]
    return [value] if isinstance(value, str) else []


def test_the_same_seed_does_the_same_damage() -> None:
    assert mutated(VALUE, _random(7)) == mutated(VALUE, _random(7))
    assert len({json.dumps(mutated(VALUE, _random(seed))) for seed in range(50)}) > 40


def test_the_original_is_not_touched() -> None:
    before = copy.deepcopy(VALUE)
    for seed in range(200):
        mutated(VALUE, _random(seed))
    assert before == VALUE


def test_no_damage_is_a_copy() -> None:
    same = mutated(VALUE, _random(1), times=0)
    assert same == VALUE
    assert same is not VALUE


def test_every_damage_is_still_json() -> None:
    for seed in range(300):
        json.dumps(mutated(VALUE, _random(seed)))


def test_a_little_damage_leaves_most_and_much_leaves_little() -> None:
    texts = set(_texts(VALUE))
    little = [len(texts & set(_texts(mutated(VALUE, _random(seed), times=1)))) for seed in range(100)]
    much = [len(texts & set(_texts(mutated(VALUE, _random(seed), times=400)))) for seed in range(100)]
    assert sum(little) > 2 * sum(much)
    assert 0 < sum(little) < 100 * len(texts)


def test_damage_stays_of_a_bearable_size() -> None:
    assert max(len(json.dumps(mutated(VALUE, _random(seed)))) for seed in range(300)) < 3_000_000


def _objects(value: Any) -> list[dict[str, Any]]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value] * isinstance(value, dict) + [found for item in inner for found in _objects(item)]


def test_every_kind_of_damage_happens() -> None:
    leaf: Any = {"a": 1, "b": "two", "c": [1, 2, 3]}
    whole: Any = [[[leaf]]]
    seen = [mutated(whole, _random(seed), times=1) for seed in range(2000)]
    objects = [found for value in seen for found in _objects(value)]
    assert any(set(found) < set(leaf) for found in objects), "dropped"
    assert any(found.get("b", 0) is None for found in objects), "nulled"
    assert any(found.get("a") == "1" for found in objects), "retyped"
    assert any(found.get("a") == "two" and found.get("b") == 1 for found in objects), "swapped"
    assert any(found.get("A") == 1 for found in objects), "renamed"
    assert any(len(found["c"]) > 3 for found in objects if isinstance(found.get("c"), list)), "doubled or moved in"
    assert any(not isinstance(found, list) for found in seen), "the whole"
