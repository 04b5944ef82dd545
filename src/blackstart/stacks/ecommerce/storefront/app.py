"""The table of what the shop serves."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import carts, catalog, orders, uploads
from .frames import FrameLog
from .health import Health
from .settings import Settings
from .stores import Stores
from .web import AccessLog, endpoint, signed

LARGEST_UPLOAD = 5 * 1024 * 1024


def build(settings: Settings) -> Starlette:
    """The application. Building it touches no store."""
    stores = Stores.open(settings)
    upload = endpoint(stores, signed(uploads.store), LARGEST_UPLOAD)
    routes = [
        Route("/healthz", Health(stores).serve),
        Route("/products", endpoint(stores, catalog.list_products)),
        Route("/products/{product_id}", endpoint(stores, catalog.show_product)),
        Route("/products/{product_id}/images", upload, methods=["PUT"]),
        Route("/uploads/{path:path}", endpoint(stores, uploads.fetch)),
        Route("/orders", endpoint(stores, signed(orders.place)), methods=["POST"]),
        Route("/carts", endpoint(stores, carts.fill_cart), methods=["POST"]),
        Route("/carts/{key}", endpoint(stores, carts.show_cart)),
        Route("/sessions", endpoint(stores, carts.open_session), methods=["POST"]),
        Route("/sessions/{key}", endpoint(stores, carts.show_session)),
    ]
    log = FrameLog(settings.logs_dir / "storefront.log", settings.log_run)
    return Starlette(
        routes=routes, middleware=[Middleware(AccessLog, log=log)], exception_handlers={HTTPException: _refusal}
    )


async def _refusal(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the shape of a handler
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)
