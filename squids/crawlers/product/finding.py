"""Which items of a page are products, and which of them are variants of another."""

from __future__ import annotations

from collections.abc import Sequence

from squids.crawlers.interface import Row
from squids.crawlers.product import fields
from squids.crawlers.structured.item import Item

MOST = 2_000
"""Products of one page and syntax."""
_GROUP = "ProductGroup"
_PRODUCTS = frozenset(
    {"Product", _GROUP, "ProductModel", "IndividualProduct", "SomeProducts", "ProductCollection"}
    | {"Vehicle", "Car", "Motorcycle", "MotorizedBicycle", "BusOrCoach", "Drug"}
    | {"DietarySupplement"}
)
_SOLD = frozenset({"Book", "Audiobook", "Movie", "MusicAlbum", "VideoGame", "SoftwareApplication"})
"""Products where the page offers them at a price."""
_BESIDE = ("isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor", "isConsumableFor")
_INHERITED = ("name", "brand", "description", "image", "rating", "review_count", "url")


def rows(items: Sequence[Item], base: str) -> tuple[list[Row], bool]:
    """A row for each product, and whether there were more than MOST."""
    found = [item for item in items if item.types & _PRODUCTS or _is_sold(item)]
    cut = len(found) > MOST
    family = _Family(found[:MOST], base)
    told = [family.row(item) for item in found[:MOST] if item.key not in family.left_out]
    return [row for row in told if row["name"] or row["price"] is not None], cut


class _Family:
    """Groups and their variants. A group with variants that have a price or name is no row."""

    def __init__(self, found: Sequence[Item], base: str) -> None:
        self.base = base
        self.groups: dict[int, Item] = {}
        """By the key of the variant."""
        self.left_out: set[int] = set()
        self._tells: dict[int, bool] = {}
        for item in found:
            self._place(item)

    def _place(self, item: Item) -> None:
        for beside in (value for name in _BESIDE for value in item.values(name)):
            if not isinstance(beside, str | int | float):
                self.left_out.add(beside.key)
        for variant in item.values("hasVariant"):
            if not isinstance(variant, str | int | float):
                self._pair(variant, item)
        for group in item.values("isVariantOf"):
            if not isinstance(group, str | int | float):
                self._pair(item, group)

    def _pair(self, variant: Item, group: Item) -> None:
        """A variant that is but a link to its own page is none."""
        if variant.key not in self._tells:  # once, however many groups name it
            row = fields.of_item(variant, self.base)
            told = (row["name"], row["price"], row["sku"])
            self._tells[variant.key] = told != (None, None, None)
        if not self._tells[variant.key]:
            self.left_out.add(variant.key)
        else:
            self.groups.setdefault(variant.key, group)
            self.left_out.add(group.key)

    def row(self, item: Item) -> Row:
        row = fields.of_item(item, self.base)
        group = self.groups.get(item.key)
        if group is not None:
            common = fields.of_item(group, self.base)
            row |= {name: common[name] for name in _INHERITED if row[name] is None}
        return row


def _is_sold(item: Item) -> bool:
    return bool(item.types & _SOLD) and next(iter(item.values("offers")), None) is not None
