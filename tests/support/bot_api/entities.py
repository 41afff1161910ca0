"""Defines parse_html: Telegram's HTML as Telegram's servers read it, with their error texts and byte offsets; and utf16_length.

Follows the behaviour of the official server's open source parser (tdlib, `parse_html`), mistakes included: an unknown `&name;` stays as it
is, a missing `;` is forgiven, a link that is no address loses its link. Must not be kinder than the real one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TAGS = {
    "a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough", "strike": "strikethrough",
    "del": "strikethrough", "u": "underline", "ins": "underline", "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji",
    "pre": "pre", "code": "code", "blockquote": "blockquote",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
_SPACE = b" \t\r\n\0\x0b"
_USER_LINK = re.compile(r"tg://user\?id=(\d+)")
_LINK = re.compile(r"(?:https?|ftp|tg|ton|tonsite)://[^\s/?#]+|[^\s/?#:@]+\.[^\s/?#:@.]{2,}(?:[/?#:]|$)", re.IGNORECASE)


class ParseError(Exception):
    """The text is not what Telegram takes; the message is Telegram's, after "Bad Request: can't parse entities: "."""


@dataclass
class Entity:
    """A marked stretch of the text: offset and length in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user: int | None = None
    language: str | None = None

    def to_json(self) -> dict[str, object]:
        """As the Bot API gives it."""
        found: dict[str, object] = {"type": self.type, "offset": self.offset, "length": self.length}
        if self.url is not None:
            found["url"] = self.url
        if self.language:
            found["language"] = self.language
        if self.user is not None:
            found["user"] = {"id": self.user, "is_bot": False, "first_name": "User"}
        return found


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    begin: int


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: characters beyond the basic plane count twice."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def _reference(raw: bytes, at: int) -> tuple[str, int] | None:
    """The character that the reference at `at` stands for and where the text goes on, or None when it stays as it is."""
    found = _REFERENCE.match(raw, at)
    if found is None:
        return None
    if found[3]:
        named = _NAMED.get(found[3].decode())
        return (named, found.end()) if named else None
    code = int(found[1], 16) if found[1] else int(found[2])
    if code == 0 or code >= 0x10FFFF or found.end() - at > 10:
        return None
    if 0xD800 <= code <= 0xDFFF:
        raise ParseError("Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units")
    return chr(code), found.end()


def parse_html(html: str) -> tuple[str, list[Entity]]:
    """The text without markup and its entities. Raises ParseError with Telegram's words."""
    raw = html.encode() + b"\0"
    end = len(raw) - 1
    result = bytearray()
    offset = 0
    entities: list[Entity] = []
    open_tags: list[_Open] = []
    at = 0
    while at < end:
        byte = raw[at]
        if byte == ord("&") and (found := _reference(raw, at)):
            character, at = found
            offset += utf16_length(character)
            result += character.encode()
            continue
        if byte != ord("<"):
            if byte & 0xC0 != 0x80:
                offset += 2 if byte >= 0xF0 else 1
            result.append(byte)
            at += 1
            continue
        if raw[at + 1] != ord("/"):
            opened, at = _start_tag(raw, at)
            open_tags.append(_Open(*opened, offset, len(result)))
        else:
            at = _end_tag(raw, at, open_tags)
            entity = _entity(open_tags.pop(), offset, result, entities)
            if entity is not None:
                entities.append(entity)
    if open_tags:
        raise ParseError(f"Can't find end tag corresponding to start tag \"{open_tags[-1].tag}\"")
    return result.decode("utf-8", "replace"), sorted(entities, key=lambda one: (one.offset, -one.length))


def _start_tag(raw: bytes, begin: int) -> tuple[tuple[str, str], int]:
    """Tag and argument of the start tag at `begin`, and the place behind its ">"."""
    at = begin + 1
    while raw[at] not in _SPACE and raw[at] != ord(">"):
        at += 1
    if raw[at] == 0:
        raise ParseError(f"Unclosed start tag at byte offset {begin}")
    tag = raw[begin + 1 : at].decode("utf-8", "replace").lower()
    if tag not in TAGS:
        raise ParseError(f'Unsupported start tag "{tag}" at byte offset {begin}')
    argument = ""
    while raw[at] != ord(">"):
        at = _skip_space(raw, at)
        if raw[at] == ord(">"):
            break
        name_at = at
        while raw[at] not in _SPACE and raw[at] not in b"=>":
            at += 1
        name = raw[name_at:at].decode("utf-8", "replace")
        if not name:
            raise ParseError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        at = _skip_space(raw, at)
        if raw[at] != ord("="):
            if tag == "blockquote" and name == "expandable":
                argument = "expandable"
                continue
            raise ParseError(f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {begin}')
        at = _skip_space(raw, at + 1)
        if raw[at] == 0:
            raise ParseError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value, at = _attribute_value(raw, at)
        if raw[at] == 0:
            raise ParseError(f"Unclosed start tag at byte offset {begin}")
        if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id")}:
            argument = value
        elif tag == "code" and name == "class" and value.startswith("language-"):
            argument = value.removeprefix("language-")
        elif tag == "span" and name == "class" and value.startswith("tg-"):
            argument = value.removeprefix("tg-")
    if tag == "span" and argument != "spoiler":
        raise ParseError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
    return (tag, argument), at + 1


def _attribute_value(raw: bytes, at: int) -> tuple[str, int]:
    quote = raw[at]
    if quote not in b"'\"":
        token_at = at
        while raw[at : at + 1].isalnum() or raw[at] in b".-":
            at += 1
        if raw[at] not in _SPACE and raw[at] != ord(">"):
            raise ParseError(f"Unexpected end of name token at byte offset {token_at}")
        return raw[token_at:at].decode().lower(), at
    at += 1
    value = bytearray()
    while raw[at] not in (quote, 0):
        if raw[at] == ord("&") and (found := _reference(raw, at)):
            value += found[0].encode()
            at = found[1]
            continue
        value.append(raw[at])
        at += 1
    return value.decode("utf-8", "replace"), at + 1 if raw[at] == quote else at


def _skip_space(raw: bytes, at: int) -> int:
    while raw[at] != 0 and raw[at] in _SPACE:
        at += 1
    return at


def _end_tag(raw: bytes, begin: int, open_tags: list[_Open]) -> int:
    """Checks the end tag at `begin` against the innermost open tag; the place behind its ">"."""
    if not open_tags:
        raise ParseError(f"Unexpected end tag at byte offset {begin}")
    at = begin + 2
    while raw[at] not in _SPACE and raw[at] != ord(">"):
        at += 1
    name = raw[begin + 2 : at].decode("utf-8", "replace").lower()
    at = _skip_space(raw, at)
    if raw[at] != ord(">"):
        raise ParseError(f"Unclosed end tag at byte offset {begin}")
    expected = open_tags[-1].tag
    if name and name != expected:
        raise ParseError(f'Unmatched end tag at byte offset {begin}, expected "</{expected}>", found "</{name}>"')
    return at + 1


def _entity(tag: _Open, offset: int, result: bytearray, before: list[Entity]) -> Entity | None:
    length = offset - tag.offset
    if length <= 0:
        return None
    kind = TAGS[tag.tag]
    if kind == "custom_emoji" and not tag.argument.isdigit():
        raise ParseError("Invalid custom emoji identifier specified")
    if kind == "text_link":
        url = tag.argument or result[tag.begin :].decode("utf-8", "replace")
        user = _USER_LINK.fullmatch(url)
        if user:
            return Entity("text_mention", tag.offset, length, user=int(user[1]))
        return Entity(kind, tag.offset, length, url=url) if _LINK.match(url) else None
    if kind in {"pre", "code"} and before:
        last = before[-1]
        other = {"pre": "code", "code": "pre"}[kind]
        if last.type == other and (last.offset, last.length) == (tag.offset, length):
            language = last.language if kind == "pre" else tag.argument
            if language:
                before.pop()
                return Entity("pre", tag.offset, length, language=language)
    if kind == "blockquote" and tag.argument:
        kind = "expandable_blockquote"
    return Entity(kind, tag.offset, length, language=tag.argument if kind == "code" else None)
