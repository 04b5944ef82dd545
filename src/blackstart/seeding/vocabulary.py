"""The words a shop is written in: sampled from Faker once, then composed into rows in bulk."""

from collections.abc import Callable
from dataclasses import dataclass

from faker import Faker

from blackstart.seeding.randomness import stream

# The few providers in use (some languages' addresses take words from misc): all of them take much longer.
_PROVIDERS = [f"faker.providers.{name}" for name in ("address", "color", "lorem", "misc", "person")]
# Customers from abroad bring letters beyond ASCII: Latin with diacritics, and Greek.
_ABROAD = ("de_DE", "pl_PL", "el_GR")
POOL = 200
"""How many words each pool has."""

Pool = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where some of the customers live: names and places that go together. `country` is ISO 3166 alpha-2."""

    locale: str
    country: str
    first_names: Pool
    last_names: Pool
    streets: Pool
    cities: Pool
    postcodes: Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Pools of a few hundred words each. Repeats within a pool are meant: common names are common."""

    home: Region
    abroad: tuple[Region, ...]
    brands: Pool
    colours: Pool
    words: Pool
    sentences: Pool

    @property
    def regions(self) -> tuple[Region, ...]:
        """Home, then those abroad."""
        return (self.home, *self.abroad)

    def everywhere(self, words: Callable[[Region], Pool]) -> Pool:
        """One pool of each region, one after another."""
        return tuple(word for region in self.regions for word in words(region))

    @classmethod
    def make(cls, seed: int, locale: str = "en_US") -> "Vocabulary":
        """Sample the pools for `seed`; `locale`, one of `locales()`, is where most customers live, and their language.

        What Faker does not have for a locale (addresses, say) it gives in American English.
        """
        faker = _faker(seed, locale)
        return cls(
            home=_region(faker, locale),
            abroad=tuple(_region(_faker(seed, other), other) for other in _ABROAD if other != locale),
            brands=_sample(faker.last_name),
            colours=_sample(faker.color_name),
            words=_sample(faker.word),
            sentences=_sample(faker.sentence),
        )


def locales() -> list[str]:
    """Return every locale that a shop can be at home in."""
    from faker.config import AVAILABLE_LOCALES

    return sorted(AVAILABLE_LOCALES)


def _faker(seed: int, locale: str) -> Faker:
    """Return a Faker of its own: neither reads nor moves the state that Faker's instances share."""
    faker = Faker(locale, providers=_PROVIDERS, use_weighting=False)
    faker.seed_instance(stream(seed, "vocabulary", locale).getrandbits(64))
    return faker


def _region(faker: Faker, locale: str) -> Region:
    return Region(
        locale=locale,
        country=faker.current_country_code(),
        first_names=_sample(faker.first_name),
        last_names=_sample(faker.last_name),
        streets=_sample(faker.street_name),
        cities=_sample(faker.city),
        postcodes=_sample(faker.postcode),
    )


def _sample(word: Callable[[], str]) -> Pool:
    return tuple(word() for _ in range(POOL))
