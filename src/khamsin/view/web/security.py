"""Who is let in: host and origin, the token of each form, the size of what is sent, the headers.

A page from elsewhere in the same browser can send requests to this machine.  It cannot read the
token, which is made anew at each start; a name that it points at 127.0.0.1 is not among the allowed
hosts; and its own address stands in the Origin header.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64_000  # bytes; the largest form is far smaller
MOST_FIELDS = 400

HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not `no-referrer`: with it a browser sends the Origin of our own forms as null
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass
class Form:
    """What a form sent, each field with all its values."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a field."""
        return self.fields.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return self.fields.get(name, [])


class Refused(Exception):
    """A request that goes no further, with its status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Guard:
    """The outermost layer: refuses a request or hands it on, and sets the headers of each answer.

    Parameters
    ----------
    app : ASGI application
    token : str
        What each form must carry.
    allowed_hosts : sequence of str
        Values of the Host header, with port or, for any port, without.
    """

    def __init__(self, app: ASGIApp, token: str, allowed_hosts: Sequence[str]) -> None:
        self.app, self.token = app, token
        self.allowed = {h.lower() for h in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no web sockets here

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            headers = Headers(scope=scope)
            self._check_origin(headers)
            if scope["method"] == "POST":
                scope["khamsin.form"] = await self._form(headers, receive)
        except Refused as refused:
            answer = PlainTextResponse(refused.text + "\n", refused.status)
            await answer(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)

    def _check_origin(self, headers: Headers) -> None:
        hosts = headers.getlist("host")
        host = hosts[0].lower() if len(hosts) == 1 else ""
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if not host or (host not in self.allowed and name not in self.allowed):
            raise Refused(400, "this address is not served here")
        for origin in headers.getlist("origin"):
            if origin.lower() not in (f"http://{host}", f"https://{host}"):
                raise Refused(400, "this request comes from a page of another address")

    async def _form(self, headers: Headers, receive: Receive) -> Form:
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        body = await self._body(headers, receive)
        pairs: list[tuple[str, str]] = []
        if kind == "application/x-www-form-urlencoded":
            try:
                pairs = parse_qsl(
                    body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS
                )
            except ValueError:
                raise Refused(400, "this form cannot be read") from None
        form = Form()
        for name, value in pairs:
            form.fields.setdefault(name, []).append(value)
        given = form.one("token").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.token.encode()):
            raise Refused(
                403, "this form is from before the server was started: go back and reload the page"
            )
        return form

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        too_much = Refused(413, f"more than {LARGEST_BODY:,} bytes: no form is that large")
        said = headers.get("content-length", "0")
        if not (said.isascii() and said.isdigit()) or int(said[:12]) > LARGEST_BODY:
            raise too_much
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "the form did not arrive")
            body += bytes(message.get("body", b""))
            if len(body) > LARGEST_BODY:
                raise too_much
            if not message.get("more_body", False):
                return body
