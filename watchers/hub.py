"""Defines HubCaller: posts a subscription request to a WebSub hub, within the same limits and address rules as every look.

The hub's address comes from a feed, so it is as little trusted as one: checked on every hop and at connect time, one time cap over all,
and of the answer only the beginning is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from watchers.address import AddressRefusedError, check_url
from watchers.fetch import explain
from watchers.visitor import Visitor
from watchers.websub import readable

_REDIRECTS = frozenset({307, 308})
"""The Recommendation (section 5.1) has subscribers follow these; the form is posted again."""
SAID = 200
"""Bytes of a refusal that are kept for people."""


class HubCaller:
    """Asks hubs. Shares session, limits and host gate with everything else that goes out."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    async def ask(self, hub: str, form: Mapping[str, str]) -> str:
        """Posts `form` to the hub; gives "" when it accepted, else why not, in words for people."""
        limits = self._visitor.limits
        try:
            async with self._visitor.gate.passing(hub), asyncio.timeout(limits.timeout.total_seconds()):
                return await self._post(hub, form)
        except TimeoutError:
            return f"no answer within {limits.timeout.total_seconds():g} s"
        except AddressRefusedError as error:
            return str(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return explain(error).message

    async def _post(self, hub: str, form: Mapping[str, str]) -> str:
        limits, url = self._visitor.limits, hub
        for _ in range(limits.max_redirects):
            check_url(url, allow_private=limits.allow_private_addresses)
            async with self._visitor.session.post(URL(url, encoded=url.isascii()), data=dict(form), allow_redirects=False) as response:
                if response.status in _REDIRECTS and response.headers.get("Location"):
                    url = urljoin(url, response.headers["Location"].strip())
                    response.close()
                    continue
                if 200 <= response.status < 300:
                    response.close()
                    return ""
                said = (await response.content.read(SAID)).decode("utf-8", "replace")
                response.close()
                return readable(f"{response.status} {response.reason or ''} {said if '<' not in said else ''}")
        return f"more than {limits.max_redirects} redirects"
