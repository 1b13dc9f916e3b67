"""Phone numbers: in links and in text, by Google's metadata of every country."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
    format_number,
    is_possible_number,
    is_valid_number,
    number_type,
    parse,
    region_code_for_number,
)

MOST_CANDIDATES, MOST_TRIES = 5_000, 500
"""Groups of digits of one page's text that are looked at, and those that look like a number."""
LONGEST = 60
SHORT = 9_999
"""Up to here a number is one to dial within a place or a house."""
_CANDIDATE = re.compile(r"(?<![\w+])[+(]?\d[\d \xa0\u2009().\-–/]{4,40}\d(?!\w)")
_HINT = re.compile(
    r"(?:\b(?:tel|telefon|phone|fon|fax|telefax|mobil[e]?|cell|handy|call|hotline|ph|telephone"
    r"|téléphone|télécopie|tél|teléfono|telefono|telefone|telefoon|puhelin|móvil|movil|cellulare"
    r"|gsm|whatsapp|sms|t|f|m)\b|телефон|тел|факс|電話|电话|☎|📞|📱)[\w\s]{0,12}[.:)/\]]?\W{0,3}\Z",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:vat|ust|ustid\w*|iban|bic|hrb|hra|siret|siren|rcs|tva|isbn|issn|gln|duns|ean|nip|regon"
    r"|krs|kvk|btw|cif|nif|ico|order|art|item|sku|id|konto|account|blz|abn|acn|p\.? ?iva)\b"
    r"[\w\s.-]{0,12}[.:#]?\W{0,3}\Z",
    re.I,
)
_BEFORE = 40
_NAMES = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


@dataclass(frozen=True, slots=True)
class Number:
    """``value`` is E.164; of a link whose country nobody can tell, its digits."""

    value: str
    written: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Digits of a line. ``whole``: with its country's code; ``told``: something says that it is a
    phone number."""

    text: str
    start: int
    whole: bool
    told: bool


@dataclass(frozen=True, slots=True)
class Details:
    """``country`` is two letters, or 001 for numbers of no country; ``type`` is None where the
    number's plan does not tell."""

    valid: bool
    country: str | None
    type: str | None
    formatted: str


def of_link(href: str, region: str | None) -> Number | None:
    """Of a ``tel:`` link, or of another's digits: somebody says it is one, so it need not be
    valid, only possible."""
    written = unquote(href.partition(":")[2]).partition("?")[0].strip()[:LONGEST]
    found = _parsed(written, region)
    if found and is_possible_number(found) and (found.national_number or 0) > SHORT:
        return Number(_e164(found), written)
    digits = re.sub(r"[^0-9]", "", written.partition(";")[0])
    unknown = not found and not region and 5 <= len(digits) <= 15
    return Number(digits, written) if unknown else None


def of_data(text: str, region: str | None) -> Number | None:
    """What a page says to machines is a number, where it is a valid one."""
    found = _parsed(text.strip()[:LONGEST], region)
    return Number(_e164(found), text.strip()) if found and is_valid_number(found) else None


def candidates(line: str) -> list[Candidate]:
    """Groups of digits that are as long as a number, and are not announced as another one."""
    found = []
    for match in _CANDIDATE.finditer(line):
        before = line[max(match.start() - _BEFORE, 0) : match.start()]
        if 6 <= sum(map(str.isdecimal, match[0])) <= 17 and not _OTHER.search(before):
            whole = match[0].startswith(("+", "(+", "00"))
            told = whole or _HINT.search(before) is not None
            found.append(Candidate(match[0], match.start(), whole, told))
    return found


def is_likely(one: Candidate, region: str | None) -> bool:
    """Whether it is worth a closer look, which takes a millisecond or two."""
    if one.whole:
        return True
    if region is None or (one.text.isdecimal() and not one.told):
        return False
    found = _parsed(one.text, region)
    return found is not None and is_possible_number(found)


def numbers(one: Candidate, region: str | None) -> Iterator[Number]:
    """The valid numbers in it. Where neither a word such as “Tel.” nor its country's code tells
    that it is one, it must be grouped as its country does."""
    leniency = Leniency.VALID if one.told else Leniency.STRICT_GROUPING
    for match in PhoneNumberMatcher(one.text, region, leniency=leniency, max_tries=20):
        yield Number(_e164(match.number), match.raw_string, one.start + match.start)


def details(value: str) -> Details | None:
    """What is known of a number in E.164; None for anything else."""
    found = _parsed(value, None)
    if found is None:
        return None
    return Details(
        valid=is_valid_number(found),
        country=region_code_for_number(found),
        type=_NAMES.get(number_type(found)),
        formatted=format_number(found, PhoneNumberFormat.INTERNATIONAL),
    )


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return parse(text, region)
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return format_number(number, PhoneNumberFormat.E164)
