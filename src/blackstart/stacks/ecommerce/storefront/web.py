"""Between HTTP and handlers: bodies in, answers out, and one line in the log for each request."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import Refused, Unavailable
from .forms import Call
from .frames import FrameLog
from .stores import Stores

# Whoever waited longer than this for a free thread has given up (clients wait 2 s): doing the
# work now would only make the queue longer, and the client has been told nothing yet.
LONGEST_QUEUE_S = 1.5


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON value."""

    status: int
    value: object

    def response(self) -> Response:
        """As HTTP."""
        return JSONResponse(self.value, self.status)


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """200 and a file's bytes."""

    content: bytes
    media_type: str

    def response(self) -> Response:
        """As HTTP. Uploads come from strangers: browsers must take them for what we say they are."""
        return Response(self.content, media_type=self.media_type, headers={"X-Content-Type-Options": "nosniff"})


Handler = Callable[[Stores, Call], Answer | FileAnswer]
Endpoint = Callable[[Request], Awaitable[Response]]


def signed(handler: Handler) -> Handler:
    """The handler, whose acknowledgements say which database they come from."""

    def sign(stores: Stores, call: Call) -> Answer | FileAnswer:
        answer = handler(stores, call)
        assert isinstance(answer, Answer)
        assert isinstance(answer.value, dict)
        return Answer(answer.status, {**answer.value, "served_by": stores.served_by})

    return sign


def endpoint(stores: Stores, handler: Handler, largest_body: int = 65536) -> Endpoint:
    """The handler as an endpoint: run in a thread, its exceptions turned into 4xx and 503."""

    def answer(call: Call, arrived: float) -> Answer | FileAnswer:
        if time.monotonic() - arrived > LONGEST_QUEUE_S:
            raise Unavailable("storefront", "too many requests are waiting for the stores")
        return handler(stores, call)

    async def serve(request: Request) -> Response:
        try:
            body = await _body(request, largest_body)
            call = Call(request.path_params, request.query_params, request.headers, body)
            return (await run_in_threadpool(answer, call, time.monotonic())).response()
        except Refused as refusal:
            return JSONResponse({"error": refusal.reason}, refusal.status)
        except Unavailable as failure:
            return JSONResponse({"error": str(failure)}, 503)
        except ClientDisconnect:
            # Nobody reads this; the log shows what happened.
            return Response(status_code=499)

    return serve


async def _body(request: Request, largest: int) -> bytes:
    """The whole body; Refused with 413 as soon as it is larger than allowed."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise Refused(413, f"the body is larger than {largest} bytes")
    return bytes(body)


class AccessLog:
    """Appends one frame per request: time, method, path, status, ms as JSON. Queries are left out."""

    def __init__(self, app: ASGIApp, log: FrameLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 500

        async def noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting_status)
        finally:
            self._append(scope["method"], scope["path"], status, (time.monotonic() - began) * 1000)

    def _append(self, method: str, path: str, status: int, ms: float) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": at, "method": method, "path": path, "status": status, "ms": round(ms, 1)}
        try:
            self._log.append(json.dumps(line).encode())
        except OSError as error:
            # A full log volume must not stop the shop; the service's own output tells of it.
            print(f"storefront: access log: {error}", flush=True)
