"""Defines `page`, a digest as one HTML file for mail and archives: styles and pictures inside it, no script, nothing loaded from anywhere.

Pure. Words of feeds are cleaned as for a message and escaped here; links pass `safe_url`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from bot.digest.message import mark_of
from bot.digest.model import Digest, DigestStory
from bot.digest.unusual import feed_trouble_words, unusual_words
from bot.i18n import formats
from bot.render.headline import headline, matched_sentence
from bot.render.story import format_event
from bot.sanitize import clean, safe_url
from bot.stories.build import StorySource, StoryView

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1e21; --faint: #667; --line: #dde; --link: #1f6fc4; }
@media (prefers-color-scheme: dark) { :root { --paper: #17212b; --ink: #f1f3f5; --faint: #9ab; --line: #345; --link: #6ab3f3; } }
body { margin: 0 auto; padding: 1.2rem; max-width: 42rem; background: var(--paper); color: var(--ink);
       font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; border-bottom: 1px solid var(--line); margin: 1.6rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1rem 0 .2rem; } h3 a { color: var(--link); text-decoration: none; }
p { margin: .2rem 0; } .faint { color: var(--faint); font-size: .9rem; } img { max-width: 100%; margin-top: 1rem; }
"""


def page(digest: Digest, *, light: bytes | None = None, dark: bytes | None = None) -> str:
    """The digest as a page; `light` and `dark` are its picture (PNG) for either kind of screen."""
    language = digest.chat.settings.language
    title = escape(formats.say(language, "digest", date=formats.day(language, digest.on)))
    body = [f"<h1>{title}</h1>", f'<p class="faint">{escape(_counts(digest, language))}</p>']
    if digest.unusual:
        said = unusual_words(digest.unusual, language)
        body.append(f"<p>{escape(formats.say(language, 'unusual', counts=said))}</p>")
    for section in digest.sections:
        body.append(f"<h2>{escape(clean(section.title))}</h2>")
        body += [_story(entry, digest) for entry in section.stories]
        body += [_short(entry.story, entry.story.sources, digest) for entry in section.headlines]
        if section.left_out:
            body.append(f'<p class="faint">{escape(formats.say(language, "left_out", n=section.left_out))}</p>')
    if digest.repeated:
        body.append(f"<h2>{escape(formats.say(language, 'again'))}</h2>")
        body += [_short(repeated.story, repeated.since, digest) for repeated in digest.repeated]
    for heading, unarrived in (("perhaps", digest.unconfirmed), ("undelivered", digest.undelivered)):
        if unarrived:
            body.append(f"<h2>{escape(formats.say(language, heading))}</h2>")
            body += [
                f"<p>{escape(clean(delivery.line))} – {escape(formats.say(language, f'{heading}_line', n=delivery.attempts))}</p>"
                for delivery in unarrived
            ]
    if digest.feeds:
        feeds = feed_trouble_words(digest.feeds, language)
        body.append(f'<p class="faint">{escape(formats.say(language, "feeds_wrong", feeds=feeds))}</p>')
    body.append(_picture(light, dark, formats.say(language, "chart")))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style>'
    inside = "\n".join(part for part in body if part)
    return f'<!doctype html>\n<html lang="{language}">\n<head>{head}</head>\n<body>\n{inside}\n</body></html>\n'


def _counts(digest: Digest, language: str) -> str:
    if not digest.stories:
        return formats.say(language, "nothing_new" if digest.repeated else "empty")
    return formats.say(
        language,
        "digest_counts",
        stories=formats.count(language, "story", "stories", digest.stories),
        sources=formats.count(language, "one_source", "sources", max(1, digest.sources)),
    )


def _short(story: StoryView, sources: Sequence[StorySource], digest: Digest) -> str:
    """A story in one line: its headline, linked to the first of these sources, and their names."""
    title = escape(headline(story, digest.chat.settings.language))
    url = next(filter(None, (safe_url(source.url) for source in sources)), None)
    linked = f'<a href="{escape(url, quote=True)}" rel="noreferrer">{title}</a>' if url else title
    names = ", ".join(dict.fromkeys(clean(source.name) for source in sources if source.name))
    return f'<p>{linked} <span class="faint">{escape(names)}</span></p>'


def _story(entry: DigestStory, digest: Digest) -> str:
    story, settings = entry.story, digest.chat.settings
    language = settings.language
    title = escape(headline(story, language))
    url = safe_url(story.lead.url)
    linked = f'<a href="{escape(url, quote=True)}" rel="noreferrer">{title}</a>' if url else title
    said = mark_of(entry, language)
    mark = f' <span class="faint">({escape(said)})</span>' if said else ""
    sentence = "".join(f"<b>{escape(run.text)}</b>" if run.bold else escape(run.text) for run in matched_sentence(story))
    paid = formats.say(language, "sponsored") if story.sponsored else ""
    when = formats.moment(language, story.lead.at, settings.timezone)
    foot = " · ".join(part for part in (paid, ", ".join(clean(name) for name in story.publishers), when) if part)
    parts = [f"<h3>{linked}{mark}</h3>"]
    if sentence:
        parts.append(f"<p>{sentence}</p>")
    if said_event := format_event(story, language):
        parts.append(f"<p>{escape(said_event)}</p>")
    parts.append(f'<p class="faint">{escape(foot)}</p>')
    return "\n".join(parts)


def _picture(light: bytes | None, dark: bytes | None, words: str) -> str:
    if light is None:
        return ""
    darker = f'<source media="(prefers-color-scheme: dark)" srcset="{_data(dark)}">' if dark is not None else ""
    return f'<picture>{darker}<img src="{_data(light)}" alt="{escape(words, quote=True)}"></picture>'


def _data(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
