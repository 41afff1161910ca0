"""Defines `trouble_in`: what went wrong with a feed or an address, in the language of a chat.

The watchers say it in English, and so it is stored. TROUBLES holds their sentences with slots, and the same in Vietnamese; one that does
not stand here (a server's own "404 Not Found", a system's message) is given as it is. A test holds them against the watchers' sources.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter

TROUBLES = {
    "no whole answer within {count} s": "không nhận đủ câu trả lời trong {count} giây",
    "{count} without a Location": "{count} mà không cho biết địa chỉ mới",
    "redirects in a circle": "chuyển hướng vòng tròn",
    "more than {count} redirects": "chuyển hướng quá {count} lần",
    "more than {bytes} bytes": "lớn hơn {bytes} byte",
    "{host} leads to addresses that are not public": "{host} dẫn đến địa chỉ không công khai",
    "not an address that can be asked": "không phải địa chỉ có thể truy cập",
    "the name {host} is not known": "không tìm thấy tên miền {host}",
    "no safe connection to {host}: {words}": "không có kết nối an toàn tới {host}: {words}",
    "no safe connection to {host}": "không có kết nối an toàn tới {host}",
    "no connection to {host}: {words}": "không kết nối được tới {host}: {words}",
    "no connection to {host}": "không kết nối được tới {host}",
    "the answer did not arrive whole": "câu trả lời đến không trọn vẹn",
    "the connection was closed before an answer came": "kết nối bị đóng trước khi có câu trả lời",
    "the answer is not sound HTTP": "câu trả lời không đúng chuẩn HTTP",
    "the connection broke: {words}": "kết nối bị đứt: {words}",
    "the connection broke ({words})": "kết nối bị đứt ({words})",
    "the connection broke": "kết nối bị đứt",
    "not a feed: the answer is empty": "không phải nguồn tin: câu trả lời trống",
    "not a feed: a web page": "không phải nguồn tin mà là trang web",
    "not a feed: JSON, but no JSON Feed": "không phải nguồn tin: JSON nhưng không phải JSON Feed",
    'not a feed: a sitemap (kind = "sitemap" reads these)': 'không phải nguồn tin mà là sitemap (đọc bằng kind = "sitemap")',
    "not a feed that can be read ({words})": "không đọc được nguồn tin ({words})",
    "not a feed": "không phải nguồn tin",
    "no feed": "không có nguồn tin",
    "the site's robots.txt does not allow this page": "robots.txt của trang không cho phép đọc trang này",
    "robots.txt could not be read: {trouble}": "không đọc được robots.txt: {trouble}",
    "parsing took longer than {count} s": "phân tích lâu hơn {count} giây",
    "parsing took more than {bytes} bytes of memory, or ended its process": "phân tích tốn hơn {bytes} byte bộ nhớ, hoặc tiến trình dừng",
    "{host} is not a public address": "{host} không phải địa chỉ công khai",
    "{host} is not a public host": "{host} không phải máy chủ công khai",
    "{host} is a name of a local network": "{host} là tên trong mạng nội bộ",
    "{host} is an unusual spelling of a numeric address": "{host} là cách viết lạ của một địa chỉ số",
    "only http and https addresses are fetched, not {words}": "chỉ đọc địa chỉ http và https, không đọc {words}",
    "the address names no host": "địa chỉ không có tên máy chủ",
    "an address with a user name in it is not fetched": "không đọc địa chỉ có kèm tên người dùng",
    "the address holds a blank, a control character or a backslash": "địa chỉ có khoảng trắng, ký tự điều khiển hoặc dấu \\",
    "the address is longer than {count} characters": "địa chỉ dài hơn {count} ký tự",
    "{address}: {trouble}, and no feed is named there or found at the usual places": (
        "{address}: {trouble}; ở đó và ở những chỗ thường gặp cũng không có nguồn tin nào"
    ),
    "{address}: {trouble}": "{address}: {trouble}",
}
"""English → Vietnamese. The first that fits counts."""


def pattern_of(template: str) -> re.Pattern[str]:
    """Matches the sentences that the template makes; a group for each slot."""
    parts = []
    for literal, slot, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if slot:
            shape = r"\d+" if slot == "count" else "(?:(?!; ).)+?"
            parts.append(f"(?P<{slot}>{shape})")
    return re.compile("".join(parts), re.DOTALL)


_PATTERNS = tuple((pattern_of(english), vietnamese) for english, vietnamese in TROUBLES.items())


@lru_cache(maxsize=1_000)
def trouble_in(language: str, said: str) -> str:
    """The trouble in that language, as plain text."""
    if language != "vi":
        return said
    for pattern, vietnamese in _PATTERNS:
        found = pattern.fullmatch(said)
        if found:
            slots = found.groupdict()
            return vietnamese.format(**{slot: trouble_in(language, given) if slot == "trouble" else given for slot, given in slots.items()})
    return said
