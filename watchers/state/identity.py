"""Computes identity keys, by which known items are found again, and canonical addresses.

The first key identifies the entry in its feed: "g:<feed>\\x1f<guid>", without a guid the address, without both its title and day, and
without all of them "h:" and a digest of its content. The other keys are compared between feeds: "u:<canonical address>" and
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

# Parameters that tell where a reader came from and do not identify the article.
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
"""Characters. A shorter title ("Photos", "Live", "Morning brief") does not identify an item."""


def canonical_url(url: str) -> str:
    """Returns the form of `url` for comparison: https, without www/mobile/AMP hosts, tracking, fragment and trailing slash; "" for "".

    Parameters are sorted. The result must not be fetched. Other addresses than http and https are only stripped of blanks.
    """
    url = url.strip()
    if "?" in url and _ALL_TRACKING.search(url):  # the most common case: no other parameters
        url = url.partition("?")[0]
    match = _PLAIN.match(url)
    if match and "//" not in (match[2] or "") and "/amp" not in url and ".amp" not in url:
        return "https://" + _host(match[1]) + _path(match[2] or "")
    return _canonical_complex(url)


def _canonical_complex(url: str, depth: int = 0) -> str:
    """Handles addresses with parameters, ports, wrappers, unusual characters or AMP paths."""
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
                return _canonical_complex(value, 1)
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return url
    host = _host(host)
    if port and port not in {80, 443}:
        host = f"{host}:{port}"
    parameters = sorted((name, value) for name, value in pairs if not _is_tracking(name, value))
    query = "?" + urlencode(parameters) if parameters else ""
    # In "#!" addresses the fragment identifies the article.
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
        return False  # on some sites "?ref=12345" identifies the article
    return lowered in _TRACKING or lowered.startswith(_TRACKING_PREFIXES)


def identity_keys(item: Item) -> tuple[str, ...]:
    """Returns the keys of a single item; at least one. `identities` is more exact, because it sees the other items of the feed."""
    return _keys(item, canonical_url(item.url) if item.url else "", guid_counts=True, url_counts=True)


def identities(items: Sequence[Item]) -> tuple[tuple[str, ...], ...]:
    """Returns the keys of each item of a poll, in order.

    A guid or an address that several different items of the poll share (a home page as every item's link, a counter that starts
    again) identifies none of them and is left out.
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
    return frozenset(key for key, key_titles in titles.items() if len(key_titles) > 1)


def _keys(item: Item, address: str, *, guid_counts: bool, url_counts: bool) -> tuple[str, ...]:
    shared = []
    # A home page is the address of many items over time, even if only one item of this poll has it.
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
    """Returns the key of an item without other keys: a digest of its content."""
    content = "\x1f".join((item.guid, item.url, item.title, item.summary, item.text))
    digest = blake2b(content.encode("utf-8", "replace"), digest_size=12)
    return f"h:{item.feed}\x1f{digest.hexdigest()}"


def plain_title(title: str) -> str:
    """Returns the folded title, by which items of a renewed feed are recognised; "" if it is too short."""
    folded_title = folded(title)
    return folded_title if len(folded_title) >= TITLE_FLOOR else ""
