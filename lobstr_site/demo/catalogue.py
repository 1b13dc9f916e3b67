"""What the shop sells: the same 2,400 items on every machine and in every version of Python."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

PAGE_SIZE = 20
PER_CATEGORY = 300

# slug: (name, ten kinds of article)
CATEGORIES: dict[str, tuple[str, str]] = {
    "lighting": (
        "Lighting",
        (
            "Desk Lamp, Floor Lamp, Lantern, Pendant, Wall Light, "
            "Night Light, Reading Lamp, String Lights, Torch, Candle Holder"
        ),
    ),
    "kitchen": (
        "Kitchen",
        (
            "Kettle, Saucepan, Chopping Board, Café Mug, Fruit Bowl, "
            "Colander, Pepper Mill, Bread Bin, Crêpe Pan, Storage Jar"
        ),
    ),
    "garden": (
        "Garden",
        (
            "Watering Can, Trowel, Planter, Bird Feeder, Hose Reel, "
            "Garden Fork, Cold Frame, Seed Tray, Bench, Wheelbarrow"
        ),
    ),
    "office": (
        "Office",
        (
            "Notebook, Pen Tray, Letter Rack, Stapler, Desk Mat, "
            "Bookend, Wall Planner, Filing Box, Footrest, Paper Knife"
        ),
    ),
    "travel": (
        "Travel",
        (
            "Suitcase, Rucksack, Wash Bag, Travel Pillow, Flask, "
            "Luggage Tag, Passport Wallet, Rain Cover, Day Bag, Umbrella"
        ),
    ),
    "toys": (
        "Toys",
        (
            "Train Set, Jigsaw, Building Blocks, Kite, Spinning Top, "
            "Puppet, Marble Run, Yo-yo, Rocking Horse, Abacus"
        ),
    ),
    "sport": (
        "Sport",
        (
            "Skipping Rope, Yoga Mat, Dumbbell, Tennis Racket, Football, "
            "Swim Goggles, Bike Pump, Climbing Rope, Shuttlecock, Kneepad"
        ),
    ),
    "music": (
        "Music",
        (
            "Ukulele, Tambourine, Metronome, Recorder, Music Stand, "
            "Kalimba, Drum Pad, Harmonica, Tuning Fork, Violin Bow"
        ),
    ),
}
SALE = "sale"

WORDS = (
    "Amber Arctic Birch Bold Bright Calm Classic Coastal Copper Cosy "
    "Daily Elder Feather Folding Gentle Harbour Heritage Highland Ivory Jade "
    "Kindle Linen Little Meadow Nordic Oak Pocket Quiet River Sturdy"
)
ADJECTIVES = WORDS.split()
BRANDS = ("Ashdown & Sons", "Brønderslev", "Calloway", "Dunmore", "Éclat", "Fenwright", "Grünwald")
MATERIALS = ("oak", "steel", "cotton", "glass", "wool", "bamboo", "brass", "recycled plastic")
COLOURS = ("black", "cream", "forest green", "navy", "ochre", "red", "slate", "white", "teal")
USES = ("small rooms", "long days", "rainy weekends", "busy mornings", "a first home", "gifts")
CARE = ("Wipe clean.", "Wash at 30 °C.", "Oil once a year.", "Keep dry.", "Dishwasher safe.")


@dataclass(frozen=True, slots=True)
class Item:
    """One article. ``price`` and ``was`` are pounds (``was`` None when not reduced)."""

    sku: str
    ean: str
    title: str
    brand: str
    category: str
    price: float
    was: float | None
    rating: int
    reviews: int
    stock: int
    description: str
    specs: tuple[tuple[str, str], ...]

    @property
    def availability(self) -> str:
        return f"In stock ({self.stock} available)" if self.stock else "Out of stock"

    @property
    def path(self) -> str:
        return f"/item/{self.sku}.html"


def items() -> list[dict[str, Any]]:
    """Every item as a dict in listing order, with its ``availability`` and ``path`` besides."""
    return [
        asdict(item) | {"availability": item.availability, "path": item.path}
        for item in catalogue()
    ]


@cache
def catalogue() -> tuple[Item, ...]:
    """Every item in listing order; neighbours come from different categories."""
    total = len(CATEGORIES) * PER_CATEGORY
    return tuple(_item(position * 1009 % total) for position in range(total))


@cache
def listing(category: str | None = None) -> tuple[Item, ...]:
    """The items of one listing: the whole shop, a category's slug, or ``sale``."""
    if category is None:
        return catalogue()
    if category == SALE:
        return tuple(item for item in catalogue() if item.was)
    return tuple(item for item in catalogue() if item.category == category)


@cache
def by_sku() -> dict[str, Item]:
    return {item.sku: item for item in catalogue()}


def page_count(category: str | None = None) -> int:
    return -(-len(listing(category)) // PAGE_SIZE)


def page_of(number: int, category: str | None = None) -> tuple[Item, ...]:
    """The items on listing page ``number`` (from 1); empty past the end."""
    return listing(category)[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]


def _item(index: int) -> Item:
    category, (_, kinds) = list(CATEGORIES.items())[index // PER_CATEGORY]
    within = index % PER_CATEGORY
    adjective, noun = ADJECTIVES[within // 10], kinds.split(", ")[within % 10]
    pence = 299 + _mix(index, 1) % 14_700
    reduced = _mix(index, 2) % 6 == 0
    return Item(
        sku=f"LB-{index + 1:05d}",
        ean=_ean(index),
        title=f"{adjective} {noun}",
        brand=BRANDS[_mix(index, 3) % len(BRANDS)],
        category=category,
        price=pence / 100,
        was=round(pence * 1.25) / 100 if reduced else None,
        rating=1 + _mix(index, 4) % 5,
        reviews=_mix(index, 5) % 900,
        stock=0 if _mix(index, 6) % 9 == 0 else 1 + _mix(index, 7) % 60,
        description=_description(index, adjective, noun),
        specs=_specs(index),
    )


def _description(index: int, adjective: str, noun: str) -> str:
    material = MATERIALS[_mix(index, 8) % len(MATERIALS)]
    use = USES[_mix(index, 9) % len(USES)]
    return (
        f"The {adjective} {noun} is made of {material} and meant for {use}. "
        f"It was drawn in our own workshop, is put together by hand and can be repaired: every "
        f"part is sold on its own. {CARE[_mix(index, 10) % len(CARE)]}"
    )


def _specs(index: int) -> tuple[tuple[str, str], ...]:
    sides = [5 + _mix(index, salt) % 90 for salt in (11, 12, 13)]
    return (
        ("Material", MATERIALS[_mix(index, 8) % len(MATERIALS)]),
        ("Colour", COLOURS[_mix(index, 14) % len(COLOURS)]),
        ("Size", f"{sides[0]} × {sides[1]} × {sides[2]} cm"),
        ("Weight", f"{(100 + _mix(index, 15) % 4900) / 1000:.2f} kg"),
        ("Guarantee", f"{1 + _mix(index, 16) % 10} years"),
    )


def _ean(index: int) -> str:
    digits = f"50{index * 7919 % 10_000_000_000:010d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return digits + str(-(odd + 3 * even) % 10)


def _mix(index: int, salt: int) -> int:
    """A number that looks random and is the same everywhere."""
    value = (index * 2_654_435_761 + salt * 40_503_000_017) & 0xFFFFFFFFFFFF
    value ^= value >> 17
    return (value * 0x9E3779B1 & 0xFFFFFFFFFFFF) >> 13
