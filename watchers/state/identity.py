"""Defines the keys by which items are found again: canonical addresses, and what else is compared.

The first key is the entry's own name in its feed: "g:<feed>\\x1f<guid>", or without a guid its address, or without either its title and
day; "h:" and a digest of all that it says where it has none of them. The others are compared between feeds: "u:<canonical address>" and
"t:<source>|<title>|<day>". Keys find candidates; `recognition` decides. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from watchers.models.item import Item
from watchers.text.html_text import folded

# Parameters that say where a reader came from, never which article it is.
_TRACKING_WORDS = """
fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_cid mc_eid mkt_tok _hsenc _hsmi
hsctatracking vero_id vero_conv oly_enc_id oly_anon_id _openstat ref_src ref_url ref referrer source_feed ftag cmpid cmp icid
ncid ocid rss partner feedtype smid sr_share share shared _ga _gl spm scm wt.mc_id wt_mc at_medium at_campaign at_custom1
at_custom2 at_custom3 at_custom4 ns_mchannel ns_source ns_campaign ns_linkname ito xtor s_cid soc_src soc_trk guccounter
guce_referrer guce_referrer_sig tag_rss vgo_ee zarsrc utm amp outputtype _x_tr_sl _x_tr_tl fromrss from_rss feature
zalo_share
"""
_TRACKING = frozenset(_TRACKING_WORDS.split())
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "trk_")
_MOBILE_HOST = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.)")
_MOBILE_INSIDE = re.compile(r"^([a-z0-9-]+)\.m\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"(?:/amp/?|\.amp(?=\.html?$)|(?<=\.html)/amp/?)$|\.amp(?=\.html?$)")
_PLAIN = re.compile(r"https?://([a-z0-9.-]+)(/[A-Za-z0-9._/+,;:=@!$'()*~-]*)?$")
_ALL_TRACKING = re.compile(r"\?utm_[a-z]+=[^&#]*+(?:&(?:amp;)?utm_[a-z]+=[^&#]*+)*+$")
_HOME_PAGE = re.compile(r"https?://[^/?#]+/?$")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_INDEX_STARTS = frozenset("iIdD")
_WRAPPERS = {"www.google.com": ("/url", ("url", "q")), "l.facebook.com": ("/l.php", ("u",))}
TITLE_FLOOR = 12
"""A shorter title ("Photos", "Live", "Morning brief") says nothing about identity."""


def canonical_url(url: str) -> str:
    """The form of `url` that identity compares: https, without www/mobile/AMP hosts, tracking, fragment, trailing slash; "" for none.

    Parameters are sorted. The result is for comparing, not for fetching. What is no http address comes back stripped.
    """
    url = url.strip()
    if "?" in url and _ALL_TRACKING.search(url):  # the commonest case by far, and the only parameters there
        url = url.partition("?")[0]
    match = _PLAIN.match(url)
    if match and "//" not in (match[2] or "") and "/amp" not in url and ".amp" not in url:
        return "https://" + _host(match[1]) + _path(match[2] or "")
    return _canonical_hard(url)


def _canonical_hard(url: str, depth: int = 0) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return url
    pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
    host = parts.hostname.lower().rstrip(".")
    wrapper = _WRAPPERS.get(host)
    if wrapper and parts.path == wrapper[0] and depth == 0:
        for name, value in pairs:
            if name in wrapper[1] and value.startswith(("http://", "https://")):
                return _canonical_hard(value, 1)
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return url
    host = _host(host)
    if port and port not in {80, 443}:
        host = f"{host}:{port}"
    kept = sorted((name, value) for name, value in pairs if not _is_tracking(name, value))
    query = "?" + urlencode(kept) if kept else ""
    # "#!" addresses carry the article in the fragment.
    fragment = "#" + parts.fragment if parts.fragment.startswith("!") else ""
    path = quote(unquote(parts.path, errors="surrogateescape"), safe="/+,;:=@!$'()*~-._&", errors="surrogateescape")
    return "https://" + host + _path(re.sub(r"/{2,}", "/", path)) + query + fragment


@lru_cache(maxsize=4_096)
def _host(host: str) -> str:
    host = _MOBILE_HOST.sub("", host.rstrip("."), count=1)
    return _MOBILE_INSIDE.sub(r"\1.", host, count=1)


def _path(path: str) -> str:
    if path[path.rfind("/") + 1 :][:1] in _INDEX_STARTS:
        path = _INDEX.sub("", path)
    if "amp" in path:
        path = _AMP_PATH.sub("", path)
    return path.rstrip("/")


def _is_tracking(name: str, value: str) -> bool:
    lowered = name.lower()
    if lowered in {"ref", "rss", "share", "feature", "amp", "source_feed", "tag_rss"} and value.isdigit() and len(value) > 2:
        return False  # "?ref=12345" is an article's number somewhere
    return lowered in _TRACKING or lowered.startswith(_TRACKING_PREFIXES)


def identity_keys(item: Item) -> tuple[str, ...]:
    """The keys of one item by itself; at least one. `identities` knows more, because it sees the feed around the item."""
    return _keys(item, canonical_url(item.url) if item.url else "", guid_counts=True, url_counts=True)


def identities(items: Sequence[Item]) -> tuple[tuple[str, ...], ...]:
    """The keys of each item of one look, in order.

    A guid or an address that several different items of the same look share (a home page as every item's link, a counter
    that starts again) is no identity and is left out of the keys of all of them.
    """
    addresses = [canonical_url(item.url) if item.url else "" for item in items]
    guids = Counter(item.guid for item in items if item.guid)
    urls = Counter(address for address in addresses if address)
    false_guids = _shared_by_different(items, addresses, guids, by_guid=True) if len(guids) < len(items) else frozenset()
    false_urls = _shared_by_different(items, addresses, urls, by_guid=False) if len(urls) < len(items) else frozenset()
    return tuple(
        _keys(item, address, guid_counts=item.guid not in false_guids, url_counts=address not in false_urls)
        for item, address in zip(items, addresses, strict=True)
    )


def _shared_by_different(items: Sequence[Item], addresses: Sequence[str], counts: Counter[str], *, by_guid: bool) -> frozenset[str]:
    titles: dict[str, set[str]] = {}
    for item, address in zip(items, addresses, strict=True):
        key = item.guid if by_guid else address
        if counts[key] > 1:
            titles.setdefault(key, set()).add(folded(item.title or item.summary[:200]))
    return frozenset(key for key, different in titles.items() if len(different) > 1)


def _keys(item: Item, address: str, *, guid_counts: bool, url_counts: bool) -> tuple[str, ...]:
    shared = []
    # A bare home page is many items' address over time, though only one's at a time.
    if address and url_counts and (address.count("/") > 2 or "?" in address or not item.title):
        shared.append("u:" + address)
    title = folded(item.title)
    if item.published and len(title) >= TITLE_FLOOR:
        host = address.split("/", 3)[2] if address.startswith("https://") else ""  # the address is canonical
        source = (item.source and folded(item.source)) or host or item.feed
        shared.append(f"t:{source}|{title}|{item.published.date().isoformat()}")
    if item.guid and guid_counts and not _HOME_PAGE.match(item.guid):
        return f"g:{item.feed}\x1f{item.guid}", *shared
    return (f"g:{item.feed}\x1f{shared[0][2:]}", *shared) if shared else (content_key(item),)


def content_key(item: Item) -> str:
    """The key of an item that has no other: a digest of all that it says."""
    whole = "\x1f".join((item.guid, item.url, item.title, item.summary, item.text))
    digest = blake2b(whole.encode("utf-8", "replace"), digest_size=12)
    return f"h:{item.feed}\x1f{digest.hexdigest()}"


def plain_title(title: str) -> str:
    """The form of a title by which a renewed feed's items are recognised; "" for one that says too little."""
    plain = folded(title)
    return plain if len(plain) >= TITLE_FLOOR else ""
