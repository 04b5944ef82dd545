"""The same seed gives the same shop, in any process."""

import os
import subprocess
import sys
from pathlib import Path

from faker import Faker

from blackstart.seeding.scale import SCALES
from blackstart.seeding.vocabulary import Vocabulary

SCRIPT = Path(__file__).with_name("digest.py")


def digest(seed: int, **environment: str) -> str:
    """Return the digest of a small shop that another process makes."""
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, SCRIPT, str(seed)],
        env=os.environ | path | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_same_seed_same_bytes() -> None:
    """Neither the order of hashes nor the time zone nor the language of a process changes a byte."""
    first = digest(42, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C")

    assert first == digest(42, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")


def test_different_seed_different_shop() -> None:
    """Another seed gives other words."""
    assert Vocabulary.make(1) != Vocabulary.make(2)
    assert digest(1) != digest(2)


def test_fakers_shared_state_does_not_matter() -> None:
    """Whoever else uses Faker in this process neither changes the words nor is changed."""
    Faker.seed(1)
    first, other = Vocabulary.make(42), Faker().name()
    Faker.seed(2)
    second = Vocabulary.make(42)
    Faker.seed(1)

    assert first == second
    assert other == Faker().name()


def test_other_locale_other_home() -> None:
    """The home locale can be chosen, and is then not abroad as well."""
    vocabulary = Vocabulary.make(42, "de_DE")

    assert vocabulary.home.locale == "de_DE"
    assert vocabulary.home.country == "DE"
    assert "de_DE" not in {region.locale for region in vocabulary.abroad}


def test_scales_are_named() -> None:
    """A scale is found under its own name."""
    assert {name: name for name in SCALES} == {name: scale.name for name, scale in SCALES.items()}
