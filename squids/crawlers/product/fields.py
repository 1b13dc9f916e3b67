"""A row's fields, from an item of schema.org or from OpenGraph. What is not told is None."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from squids.crawlers import values
from squids.crawlers.interface import Row
from squids.crawlers.selectors import fold
from squids.crawlers.structured.item import Item, Value, local_name

FIELDS: tuple[str, ...] = ("name", "price", "currency", "availability", "brand", "sku", "gtin")
FIELDS += ("rating", "review_count", "image", "url", "description")
GTINS = ("gtin13", "gtin", "gtin14", "gtin12", "gtin8", "ean", "isbn")

_WORDS: tuple[str, ...] = (
    "InStock",
    "OutOfStock",
    "PreOrder",
    "PreSale",
    "BackOrder",
    "Discontinued",
    "SoldOut",
)
_WORDS += ("InStoreOnly", "OnlineOnly", "LimitedAvailability", "MadeToOrder", "Reserved")
_AVAILABILITY = {word.lower(): word for word in _WORDS}
_AVAILABILITY |= {"oos": "OutOfStock", "available": "InStock", "availablefororder": "BackOrder"}
_AVAILABILITY |= {"instock1": "InStock", "unavailable": "OutOfStock", "pending": "BackOrder"}
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "zł": "PLN"}
_PAST_PRICE = re.compile("list|strikethrough|srp|minimumadvertised|regular", re.I)
_TAG = re.compile(r"</?[a-z][^<>]{0,500}>", re.I)
_NOT_IN_CODES = re.compile(r"[^0-9A-Za-z]")
_LONGEST = 500
"""Characters of a field; a description may be longer."""
_LONGEST_DESCRIPTION = 20_000


def of_item(item: Item, base: str) -> Row:
    """``base`` is what addresses are relative to."""
    offer = _offer(item)
    told = (offer, item) if offer else (item,)
    price, currency = _price(told)
    rating = next(_items(item, "aggregateRating"), None)
    return {
        "name": _text(item, "name"),
        "price": price,
        "currency": currency,
        "availability": _first(_availability(of) for of in told),
        "brand": _named(item, "brand") or _named(item, "manufacturer"),
        "sku": _text(item, "sku") or (_text(offer, "sku") if offer else None),
        "gtin": _first(_gtin(of) for of in (item, *told)),
        "rating": _number(rating, "ratingValue") if rating else None,
        "review_count": _count(rating) if rating else None,
        "image": _address(item, "image", base, ("url", "contentUrl")),
        "url": _first(_address(of, "url", base) for of in (item, *told)),
        "description": _description(item),
    }


def of_open_graph(told: Mapping[str, str], base: str) -> Row | None:
    """None where the page does not call itself a product."""

    def of(*names: str) -> str | None:
        return _first(told.get(f"{of}:{name}") for name in names for of in ("product", "og"))

    price = of("sale_price:amount", "price:amount")
    if "product" not in told.get("og:type", "").lower() and price is None:
        return None
    currency = of("sale_price:currency", "price:currency")
    title, image = told.get("og:title"), told.get("og:image") or told.get("og:image:url")
    link, availability = told.get("og:url"), of("availability")
    return dict.fromkeys(FIELDS) | {
        "name": _clean(title) if title else None,
        "price": _amount(price) if price else None,
        "currency": _currency(currency or price or ""),
        "availability": _word(availability) if availability else None,
        "brand": _clean(brand) if (brand := of("brand")) else None,
        "sku": of("retailer_item_id", "retailer_part_no", "sku"),
        "gtin": _code(of("gtin", "ean", "upc", "isbn")),
        "image": values.absolute(image, base) if image else None,
        "url": values.absolute(link, base) if link else None,
        "description": _plain(told["og:description"]) if "og:description" in told else None,
    }


def _first(found: Iterator[str | None]) -> str | None:
    return next((value for value in found if value), None)


# --- of an item -----------------------------------------------------------------------------------


def _items(item: Item, name: str) -> Iterator[Item]:
    return (value for value in item.values(name) if not isinstance(value, str | int | float))


def _texts(item: Item, name: str) -> Iterator[str]:
    plain = (value for value in item.values(name) if isinstance(value, str | int | float))
    return (str(value) for value in plain if not isinstance(value, bool))


def _text(item: Item, name: str) -> str | None:
    return _first(_clean(text) for text in _texts(item, name))


def _named(item: Item, name: str) -> str | None:
    """A text, or the name of the thing that stands for it."""
    return _first(_name_of(value) for value in item.values(name))


def _name_of(value: Value) -> str | None:
    if isinstance(value, str):
        return _clean(value)
    return None if isinstance(value, int | float) else _text(value, "name")


def _address(item: Item, name: str, base: str, inner: tuple[str, ...] = ()) -> str | None:
    """The first address, also of an image object."""
    for value in item.values(name):
        if isinstance(value, str):
            found = values.absolute(value, base)
        elif isinstance(value, int | float):
            continue
        else:
            found = _first(_address(value, part, base) for part in inner)
        if found:
            return found
    return None


def _offer(item: Item) -> Item | None:
    """The first that has a price, also within an offer of offers; else the first."""
    offers = [inner for offer in _items(item, "offers") for inner in (offer, *_inner(offer))]
    priced = (offer for offer in offers if _price((offer,))[0] is not None)
    return next(priced, offers[0] if offers else None)


def _inner(offer: Item) -> Iterator[Item]:
    return (inner for inner in _items(offer, "offers") if inner.key != offer.key)


def _price(told: tuple[Item, ...]) -> tuple[float | None, str | None]:
    """Price and currency; the currency may be told one step further out."""
    price = currency = None
    for item in (part for of in told for part in (of, *_specifications(of))):
        for name in ("price", "lowPrice"):
            for text in _texts(item, name) if price is None else ():
                price = _amount(text)
                currency = currency or _sign(text)
                break
        currency = _first(_currency(text) for text in _texts(item, "priceCurrency")) or currency
    return price, currency


def _specifications(offer: Item) -> Iterator[Item]:
    """Of the price that is asked for, not of one that is crossed out."""
    for found in _items(offer, "priceSpecification"):
        kinds = " ".join(_texts(found, "priceType"))
        if not _PAST_PRICE.search(local_name(kinds)):
            yield found


def _availability(item: Item) -> str | None:
    return _first(_word(text) for text in _texts(item, "availability"))


def _gtin(item: Item) -> str | None:
    return _first(_code(text) for name in GTINS for text in _texts(item, name))


def _number(item: Item, name: str) -> float | None:
    found = (values.number(text[:100]) for text in _texts(item, name))
    return next((value for value in found if value is not None), None)


def _count(rating: Item) -> int | None:
    for name in ("reviewCount", "ratingCount"):
        for text in _texts(rating, name):
            if (count := values.integer(text[:100])) is not None:
                return count
    return None


def _description(item: Item) -> str | None:
    return _first(_plain(text) for text in _texts(item, "description"))


# --- of a text ------------------------------------------------------------------------------------


def _clean(text: str) -> str | None:
    return fold(_TAG.sub(" ", text[: 4 * _LONGEST]))[:_LONGEST] or None


def _plain(text: str) -> str | None:
    return fold(_TAG.sub(" ", text[:_LONGEST_DESCRIPTION])) or None


def _amount(text: str) -> float | None:
    return values.number(text[:100])


def _currency(text: str) -> str | None:
    found = _CURRENCY.search(text[:100].upper())
    return found[0] if found else _sign(text)


def _sign(text: str) -> str | None:
    return _first(code if sign in text[:100] else None for sign, code in _SIGNS.items())


def _word(text: str) -> str | None:
    """As schema.org calls it; what it has no name for, as it stands."""
    short = local_name(text) if "/" in text or ":" in text else text
    known = _AVAILABILITY.get(_NOT_IN_CODES.sub("", short).lower())
    return known or fold(short)[:50] or None


def _code(text: str | None) -> str | None:
    """Digits, without what sets them apart; other texts are no codes."""
    code = _NOT_IN_CODES.sub("", text[:100] if text else "").upper()
    digits = code.removeprefix("ISBN").removeprefix("EAN").removeprefix("UPC")
    return digits if digits[:-1].isdigit() and 8 <= len(digits) <= 14 else None
