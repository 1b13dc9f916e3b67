"""Addresses of profiles in social networks, told from links to share, to sign in and to posts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Profile:
    """``url`` is the profile's one address."""

    network: str
    url: str


@dataclass(frozen=True, slots=True)
class Network:
    """``path`` matches a profile's own; its groups, joined, follow ``home``. Names in ``never`` are
    the network's own pages. ``exact``: capitals matter."""

    name: str
    home: str
    path: re.Pattern[str]
    never: frozenset[str] = frozenset()
    exact: bool = False


def _network(name: str, home: str, path: str, never: str = "", exact: bool = False) -> Network:
    return Network(name, home, re.compile(path, re.I), frozenset(never.split()), exact)


_REST = r"(?:/.*)?"
_LINKEDIN = _network(
    "LinkedIn", "https://www.linkedin.com", rf"(/(?:company|school|showcase|in))(/[^/]+){_REST}"
)
_X = _network(
    "X",
    "https://x.com",
    r"(/\w{1,15})/?",
    "/intent /share /home /search /hashtag /i /login /signup /explore /settings /tos /privacy",
)
_FACEBOOK = _network(
    "Facebook",
    "https://www.facebook.com",
    r"(/(?:pages|people)/[^/]+/\d+|/groups/[^/]+|/[\w.-]{2,})/?",
    "/sharer /sharer.php /share.php /share /dialog /plugins /tr /login /login.php /policies /help"
    " /hashtag /watch /photo /photo.php /reel /story.php /events /groups /pages /home.php /legal"
    " /privacy /people /business /permalink.php /video.php /recover /profile.php",
)
_INSTAGRAM = _network(
    "Instagram",
    "https://www.instagram.com",
    r"(/[\w.]{1,30})/?",
    "/p /reel /reels /explore /stories /accounts /tv /about /legal /developer /direct /share",
)
_YOUTUBE = _network(
    "YouTube",
    "https://www.youtube.com",
    rf"(/@[^/]+|/channel/[\w-]+|/(?:c|user)/[^/]+){_REST}",
    exact=True,
)
_TIKTOK = _network("TikTok", "https://www.tiktok.com", r"(/@[\w.]+)/?")
_GITHUB = _network(
    "GitHub",
    "https://github.com",
    r"(?:/orgs)?(/[a-z\d](?:[a-z\d-]{0,38}))/?",
    "/features /about /login /join /pricing /sponsors /topics /explore /marketplace /contact /site"
    " /security /enterprise /team /customer-stories /orgs /settings /search /apps /collections",
)
_NETWORKS: Mapping[str, Network] = {
    "linkedin.com": _LINKEDIN,
    "twitter.com": _X,
    "x.com": _X,
    "facebook.com": _FACEBOOK,
    "fb.com": _FACEBOOK,
    "instagram.com": _INSTAGRAM,
    "youtube.com": _YOUTUBE,
    "tiktok.com": _TIKTOK,
    "github.com": _GITHUB,
    "gitlab.com": _network(
        "GitLab",
        "https://gitlab.com",
        r"(/[a-z\d][\w.-]+)/?",
        "/users /explore /help /groups /search /-",
    ),
    "threads.net": _network("Threads", "https://www.threads.net", r"(/@[\w.]+)/?"),
    "threads.com": _network("Threads", "https://www.threads.net", r"(/@[\w.]+)/?"),
    "bsky.app": _network("Bluesky", "https://bsky.app", r"(/profile/[\w.:-]+)/?"),
    "pinterest.com": _network(
        "Pinterest", "https://www.pinterest.com", r"(/\w{3,30})/?", "/pin /search /ideas /login"
    ),
    "xing.com": _network("Xing", "https://www.xing.com", r"(/(?:companies|pages|profile)/[^/]+)/?"),
    "vk.com": _network(
        "VK", "https://vk.com", r"(/[\w.]+)/?", "/share.php /login /feed /video /wall"
    ),
    "t.me": _network(
        "Telegram", "https://t.me", r"(/[a-z]\w{3,31})/?", "/share /joinchat /addstickers"
    ),
    "medium.com": _network("Medium", "https://medium.com", r"(/@[\w.-]+)/?"),
    "vimeo.com": _network(
        "Vimeo", "https://vimeo.com", r"(/[a-z][\w-]*)/?", "/about /upgrade /watch /log_in /join"
    ),
    "discord.gg": _network("Discord", "https://discord.gg", r"(/[\w-]+)/?", exact=True),
    "reddit.com": _network("Reddit", "https://www.reddit.com", rf"(/(?:user|r)/[\w-]+){_REST}"),
}
_FEDERATED = re.compile(r"(/@\w+)/?")
_OF_MASTODON = re.compile(r"mastodon|mstdn|toot\.|troet|fosstodon|hachyderm|mas\.to|social\.")
_NUMBERED = re.compile(r"(?:^|&)id=(\d{3,20})(?:&|$)")


def profile(url: str, *, rel: str = "") -> Profile | None:
    """The profile that an http address leads to. ``rel`` is the link's: ``me`` tells one of the
    federated networks, whose hosts have any name."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    name = ".".join(host.split(".")[-2:])
    if network := _NETWORKS.get(name):
        return _known(network, parts.path, parts.query)
    federated = _FEDERATED.fullmatch(parts.path)
    if federated and ("me" in rel.lower().split() or _OF_MASTODON.search(host)):
        return Profile("Mastodon", f"https://{host}{federated[1].lower()}")
    return None


def _known(network: Network, path: str, query: str) -> Profile | None:
    path = unquote(path).rstrip("/").replace("//", "/")
    if network is _FACEBOOK and path == "/profile.php" and (number := _NUMBERED.search(query)):
        return Profile(network.name, f"{network.home}/profile.php?id={number[1]}")
    match = network.path.fullmatch(path)
    if match is None:
        return None
    found = "".join(match.groups())
    if found.lower() in network.never or not found.isprintable() or " " in found:
        return None
    return Profile(network.name, network.home + (found if network.exact else found.lower()))


def phone_of(url: str) -> str | None:
    """The digits that a link into WhatsApp writes to."""
    parts = urlsplit(url)
    if parts.hostname in ("wa.me", "www.wa.me"):
        digits = parts.path.strip("/")
    elif parts.hostname in ("api.whatsapp.com", "web.whatsapp.com"):
        match = re.search(r"(?:^|&)phone=(?:\+|%2B)?(\d+)", parts.query, re.I)
        digits = match[1] if match else ""
    else:
        return None
    digits = digits.removeprefix("+")
    return f"+{digits}" if digits.isascii() and digits.isdecimal() and len(digits) >= 7 else None
