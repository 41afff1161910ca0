"""Defines HubClient: posts a subscription request to a WebSub hub, within the same limits and address rules as every look.

The hub's address comes from a feed, so it is as little trusted as one: checked on every hop and at connect time, one time cap over all,
and of the answer only the beginning is read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import aiohttp

from watchers.http.address_rules import AddressRefusedError
from watchers.http.client import RedirectChain, checked, explain, next_hop
from watchers.http.conditional import ConditionalClient
from watchers.state.websub import readable

_REDIRECTS = frozenset({307, 308})
"""The Recommendation (section 5.1) has subscribers follow these; the form is posted again."""
MAX_ERROR_BYTES = 200
"""Bytes of a refusal that are kept for people."""


class HubClient:
    """Asks hubs. Shares session, limits and host gate with everything else that goes out."""

    def __init__(self, visitor: ConditionalClient) -> None:
        self._visitor = visitor

    async def ask(self, hub: str, form: Mapping[str, str]) -> str:
        """Posts `form` to the hub, and to where it redirects; gives "" when it was accepted, else why not, in words for people.

        Each host on the way passes the gate, like every look. The form holds a secret: it does not leave https again.
        """
        way = RedirectChain(hub, self._visitor.limits.timeout.total_seconds())
        while True:
            begun = way.url
            async with self._visitor.gate.passing(begun):
                said = await self._post(way, form)
            if said is not None:
                return said
            if exposes(begun, way.url):
                return "a redirect from https to http is not followed: whoever listens there would read the secret"

    async def _post(self, way: RedirectChain, form: Mapping[str, str]) -> str | None:
        """What came of it at `way.url`; None where that only showed the way to another address, which stands there then."""
        limits, session, begun = self._visitor.limits, self._visitor.session, time.monotonic()
        try:
            async with asyncio.timeout(way.left):
                url = checked(way.url, limits.allow_private_addresses)
                async with session.post(url, data=dict(form), allow_redirects=False) as response:
                    said = await _said(response)
                if response.status not in _REDIRECTS:
                    return said
                trouble = next_hop(way, response.status, response.headers, limits)
                return None if trouble is None else trouble.message
        except TimeoutError:
            return f"no answer within {limits.timeout.total_seconds():g} s"
        except AddressRefusedError as error:
            return str(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return explain(error).message
        finally:
            way.left -= time.monotonic() - begun


def exposes(begun: str, target: str) -> bool:
    """Whether a redirect leads out of https."""
    return begun.lower().startswith("https:") and not target.lower().startswith("https:")


async def _said(response: aiohttp.ClientResponse) -> str:
    """Nothing for an answer that accepts, else its beginning. What follows is left where it is."""
    accepted = 200 <= response.status < 300 or response.status in _REDIRECTS
    said = "" if accepted else (await response.content.read(MAX_ERROR_BYTES)).decode("utf-8", "replace")
    response.close()
    return "" if accepted else readable(f"{response.status} {response.reason or ''} {said if '<' not in said else ''}")
