"""Defines HubClient: posts a subscription request to a WebSub hub, within the limits and address rules of every request.

A feed names the hub's address, so it is not trusted: it is checked on every hop and at connect time, one timeout covers all hops, and
only the beginning of the response is read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import aiohttp

from watchers.http.address_rules import AddressRefusedError
from watchers.http.client import RedirectChain, checked_url, explain, next_hop
from watchers.http.conditional import ConditionalClient
from watchers.state.websub import readable

_REDIRECTS = frozenset({307, 308})
"""A subscriber follows these and posts the form again (WebSub, section 5.1)."""
MAX_ERROR_BYTES = 200
"""Bytes of an error response that go into the error message."""


class HubClient:
    """Sends requests to hubs. Shares session, limits and host limiter with all other requests."""

    def __init__(self, client: ConditionalClient) -> None:
        self._client = client

    async def ask(self, hub: str, form: Mapping[str, str]) -> str:
        """Posts `form` to the hub, following redirects. Returns "" if the hub accepted it, else the error message.

        Every host waits for its limits, as in every request. The form contains a secret, so a redirect from https to http is refused.
        """
        redirects = RedirectChain(hub, self._client.limits.timeout.total_seconds())
        while True:
            origin = redirects.url
            async with self._client.host_limiter.slot_for_url(origin):
                message = await self._post(redirects, form)
            if message is not None:
                return message
            if leaves_https(origin, redirects.url):
                return "a redirect from https to http is not followed: the secret would be readable there"

    async def _post(self, redirects: RedirectChain, form: Mapping[str, str]) -> str | None:
        """Posts once to `redirects.url`. Returns "" or the error message; None after a redirect, with its target in `redirects.url`."""
        limits, session, begun = self._client.limits, self._client.session, time.monotonic()
        try:
            async with asyncio.timeout(redirects.seconds_left):
                url = checked_url(redirects.url, limits.allow_private_addresses)
                async with session.post(url, data=dict(form), allow_redirects=False) as response:
                    message = await _error_message(response)
                if response.status not in _REDIRECTS:
                    return message
                error = next_hop(redirects, response.status, response.headers, limits)
                return None if error is None else str(error.problem)
        except TimeoutError:
            return f"no answer within {limits.timeout.total_seconds():g} s"
        except AddressRefusedError as error:
            return str(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return str(explain(error).problem)
        finally:
            redirects.seconds_left -= time.monotonic() - begun


def leaves_https(origin: str, target: str) -> bool:
    """Returns True if a redirect leads from https to another scheme."""
    return origin.lower().startswith("https:") and not target.lower().startswith("https:")


async def _error_message(response: aiohttp.ClientResponse) -> str:
    """Returns "" for success or a redirect, else status and beginning of the body. The rest of the body is not read."""
    accepted = 200 <= response.status < 300 or response.status in _REDIRECTS
    text = "" if accepted else (await response.content.read(MAX_ERROR_BYTES)).decode("utf-8", "replace")
    response.close()
    return "" if accepted else readable(f"{response.status} {response.reason or ''} {text if '<' not in text else ''}")
