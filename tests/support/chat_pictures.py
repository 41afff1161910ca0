"""Draws the pictures of the documents: the real bot speaks to the test suite's Bot API server, and what the chat then shows becomes a PNG.

    python -m tests.support.chat_pictures tests/pictures

Needs the charts extra (Pillow and the DejaVu fonts come with matplotlib). Nothing is asked outside this machine.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFont

from bot.digest.schedule import due_digests
from bot.i18n.translate import languages, t_plain
from bot.polling.bundled_documents import item_of
from seeds.documents import load_documents
from tests.support.bot_api import Chat, Seen
from tests.support.chat_bot import ChatBot, news, open_chat_bot
from tests.support.clock import FakeClock

SCALE = 2
WIDTH, MARGIN, PADDING, LINE = 460 * SCALE, 14 * SCALE, 12 * SCALE, 21 * SCALE
SIZE = 14 * SCALE
PAPER, THEIRS, MINE, INK, FAINT, LINK, KEY = "#8fb4a3", "#ffffff", "#e2fcc9", "#111111", "#7a8791", "#2a7fc9", "#6d958a"


@dataclass(frozen=True)
class Style:
    """How a stretch of text looks."""

    bold: bool = False
    italic: bool = False
    link: bool = False
    code: bool = False


@cache
def font(style: Style, size: int = SIZE) -> ImageFont.FreeTypeFont:
    """The font that matplotlib brings along."""
    import matplotlib

    if style.code:
        name = "DejaVuSansMono"
    else:
        name = "DejaVuSans" + {(False, False): "", (True, False): "-Bold", (False, True): "-Oblique", (True, True): "-BoldOblique"}[
            (style.bold, style.italic)
        ]  # fmt: skip
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size)


def styled(message: Seen) -> list[tuple[str, Style]]:
    """The message's characters, each with its style; offsets of entities count UTF-16 units."""
    found = []
    at = 0
    for sign in message.text:
        kinds = {entity.type for entity in message.entities if entity.offset <= at < entity.offset + entity.length}
        if sign != "\u2060":  # the joiner that keeps names inert has no glyph
            found.append((sign, Style("bold" in kinds, "italic" in kinds, "text_link" in kinds, "code" in kinds)))
        at += 2 if ord(sign) > 0xFFFF else 1
    return found


def wrapped(signs: list[tuple[str, Style]], width: int) -> list[list[tuple[str, Style]]]:
    """Lines of words with their styles, none wider than `width` pixels."""
    lines: list[list[tuple[str, Style]]] = [[]]
    used = 0.0
    words: list[list[tuple[str, Style]]] = [[]]
    for sign in signs:
        words[-1].append(sign)
        if sign[0] in " \n":
            words.append([])
    for one in words:
        size = sum(font(style).getlength(sign) for sign, style in one if sign != "\n")
        if used + size > width and lines[-1]:
            lines.append([])
            used = 0.0
        lines[-1] += [sign for sign in one if sign[0] != "\n"]
        used += size
        if one and one[-1][0] == "\n":
            lines.append([])
            used = 0.0
    return lines


def bubble(message: Seen) -> Image.Image:
    """One message with its keys."""
    inner = WIDTH - 2 * MARGIN - 2 * PADDING - 40 * SCALE
    lines = wrapped(styled(message), inner)
    photo: Image.Image | None = Image.open(io.BytesIO(message.photo)) if message.photo else None
    if photo:
        photo = photo.resize((inner, round(photo.height * inner / photo.width)))
    least = inner if photo or message.keyboard else 0
    width = round(max(least, 1, *(sum(font(style).getlength(sign) for sign, style in line) for line in lines)))
    height = len(lines) * LINE + 2 * PADDING + (photo.height + PADDING if photo else 0)
    keys = [row for row in message.keyboard if row]
    full = Image.new("RGB", (WIDTH, height + len(keys) * 40 * SCALE + 8 * SCALE), PAPER)
    pen = ImageDraw.Draw(full)
    wide = width + 2 * PADDING
    left = MARGIN if message.from_bot else WIDTH - MARGIN - wide
    pen.rounded_rectangle((left, 0, left + wide, height), 12 * SCALE, fill=THEIRS if message.from_bot else MINE)
    y = PADDING
    if photo:
        full.paste(photo, (left + PADDING, y))
        y += photo.height + PADDING
    for line in lines:
        x = float(left + PADDING)
        for sign, style in line:
            pen.text((x, y), sign, font=font(style), fill=LINK if style.link else FAINT if style.italic else INK)
            x += font(style).getlength(sign)
        y += LINE
    if message.versions:
        pen.text((left + wide - PADDING, height - 3 * SCALE), "edited", font=font(Style(), 10 * SCALE), fill=FAINT, anchor="rs")
    for at, row in enumerate(keys):
        top = height + at * 40 * SCALE + 5 * SCALE
        each = (wide - (len(row) - 1) * 4 * SCALE) / len(row)
        for number, one in enumerate(row):
            x = left + number * (each + 4 * SCALE)
            pen.rounded_rectangle((x, top, x + each, top + 35 * SCALE), 8 * SCALE, fill=KEY)
            label, small = one["text"], 12 * SCALE
            while font(Style(), small).getlength(label) > each - 8 * SCALE:
                small -= 1
            pen.text((x + each / 2, top + 17 * SCALE), label, font=font(Style(), small), fill="#ffffff", anchor="mm")
    return full


def picture(messages: list[Seen]) -> Image.Image:
    """A stretch of the conversation."""
    parts = [bubble(message) for message in messages]
    whole = Image.new("RGB", (WIDTH, sum(part.height for part in parts) + 2 * MARGIN), PAPER)
    y = MARGIN
    for part in parts:
        whole.paste(part, (0, y))
        y += part.height
    return whole


FOXCONN = (
    ("Foxconn adds lines for the iPhone in Bac Giang", "Foxconn will spend 300 million dollars on a factory for the iPhone in Bac Giang."),
    ("Foxconn hires 2,000 people in Quang Chau", "The factory of Foxconn in Quang Chau will hire 2,000 people before the holidays."),
    ("A band named Foxconn plays in Hue", "The band Foxconn plays songs of the eighties in Hue tonight."),
)
"""Invented news, for the picture of a dialogue."""

AMKOR = (
    ("Reuters", "Amkor to add a $400 million packaging line in Bac Ninh",
     "Amkor plans to spend 400 million dollars on a second packaging line in Bac Ninh, Vietnam, people who know the plan said."),
    ("AFP", "Amkor plans $400 million packaging line in Bac Ninh",
     "Amkor plans to spend 400 million dollars on a packaging line in Bac Ninh, Vietnam, an official of the province said on Monday."),
    ("Nikkei", "Amkor plans second packaging line in Bac Ninh for $400 million",
     "Amkor plans a second packaging line in Bac Ninh, Vietnam, for 400 million dollars."),
)  # fmt: skip
OTHERS = (
    ("Bloomberg", "FPT and Nvidia open an AI lab in Da Nang", "FPT and Nvidia opened a laboratory for artificial intelligence in Da Nang."),
    ("Reuters", "VinFast delivers 30,000 cars in a quarter", "VinFast delivered 30,000 cars in a quarter, twice as many as a year ago."),
    ("AFP", "Nvidia's quarterly revenue beats forecasts", "Nvidia reported quarterly revenue of 60 billion dollars, above forecasts."),
)
"""Invented news, for the pictures of a message that grows and of a digest."""


async def conversation(bot: ChatBot, language: str) -> dict[str, list[Seen]]:
    """What happens in a chat on its first day, by the picture that shows it."""
    chat: Chat = await bot.paired(language=language)
    for number, document in enumerate(load_documents()):
        await bot.plant(replace(item_of(document), url=f"https://news.example/{number}"))
    await bot.plant(*(news(title, text) for title, text in FOXCONN))
    alert = next(one for one in chat.from_bot if one.keyboard)
    shown: dict[str, list[Seen]] = {"alert": [alert]}
    await bot.press(alert, t_plain(language, "button.why"))
    shown["why"] = [chat.last]
    await bot.press(alert, t_plain(language, "button.more"))
    shown["more"] = [chat.last]
    draft = await bot.answer(chat, "/watch add Foxconn")
    await bot.press(draft, t_plain(language, "button.near"))
    await bot.answer(chat, "iPhone, factory", reply_to=chat.last)
    shown["watch"] = chat.messages[-5:]
    await bot.answers(chat, "/timeline")
    shown["timeline"] = chat.messages[-2:]
    return shown


async def growth(bot: ChatBot, language: str) -> dict[str, list[Seen]]:
    """A story that others take up, and the digest of the next morning, in a chat that has had one before."""
    chat: Chat = await bot.paired(language=language)
    clock = bot.services.clock
    assert isinstance(clock, FakeClock)

    async def digest() -> None:
        await bot.thread.write(lambda store: due_digests(store, bot.services.seeds, bot.services.config, clock.now()))
        await bot.outbox.deliver_due()

    await digest()
    for number, (source, title, text) in enumerate((*AMKOR, *OTHERS)):
        await bot.plant(news(title, text, url=f"https://{source.lower()}.example/{number}", source=source, published=clock.now()))
        clock.advance(600)
    await bot.outbox.deliver_due()
    edited = next(one for one in chat.from_bot if one.versions)
    before = len(chat.from_bot)
    clock.advance(86_400)
    await digest()
    return {"edited": [edited], "digest": chat.from_bot[before:]}


async def draw(folder: Path, languages: tuple[str, ...] = languages()) -> list[Path]:
    """All pictures; the files."""
    made: list[Path] = []
    for language in languages:
        with tempfile.TemporaryDirectory() as work:
            async with open_chat_bot(Path(work)) as bot:
                shown = await conversation(bot, language)
        with tempfile.TemporaryDirectory() as work:
            async with open_chat_bot(Path(work), clock=FakeClock()) as bot:
                shown |= await growth(bot, language)
        for name, messages in shown.items():
            path = folder / f"chat-{name}-{language}.png"
            picture(messages).quantize(64).save(path, optimize=True)
            made.append(path)
    return made


def main(arguments: list[str]) -> None:
    """Draws into the folder that is named, `tests/pictures` without one."""
    folder = Path(arguments[0] if arguments else "tests/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    for path in asyncio.run(draw(folder)):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
