"""The one address that senders know. No session, no clinic but the source's."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from webhooks.errors import BadDelivery
from webhooks.services import receive_delivery
from webhooks.validators import LIMIT, read_headers

STATUS = {
    "stored": 202, "duplicate": 200, "conflict": 200,
    "refused": 401, "unknown": 404, "unreadable": 422,
}  # fmt: skip


@csrf_exempt
@require_POST
@never_cache
def receive(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Verify the raw body, store it, answer; what it asks for is done later.

    2xx once it is stored, a repetition too; 400 for headers, 401 for signature or time, 404 for the
    source, 413 for size, 422 for a signed body that is no JSON object.
    """
    try:
        delivery = read_headers(request.headers)
        body = read_body(request)
    except BadDelivery as error:
        return JsonResponse({"error": str(error)}, status=error.status)
    answer = receive_delivery(source_id=source_id, delivery=delivery, body=body)
    return JsonResponse({"status": answer}, status=STATUS[answer])


def read_body(request: HttpRequest) -> bytes:
    """The bytes as they came. Raises BadDelivery (413) above LIMIT, without reading on."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdecimal():
        raise BadDelivery("content-length")
    if int(length[:12]) > LIMIT:
        raise BadDelivery(f"The body has more than {LIMIT} bytes.", status=413)
    # A body in chunks has no length, which Django takes for an empty one; the server knows its end.
    chunked = "HTTP_TRANSFER_ENCODING" in request.META and request.META.get("wsgi.input_terminated")
    body: bytes = (request.META["wsgi.input"] if chunked else request).read(LIMIT + 1)
    if len(body) > LIMIT:
        raise BadDelivery(f"The body has more than {LIMIT} bytes.", status=413)
    return body
