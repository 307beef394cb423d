"""What is wrong with a delivery, or with who works it."""

from clinic.errors import RowanError


class BadDelivery(RowanError):
    """The request is no delivery. status is the HTTP answer; nothing was looked up or stored."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class LeaseLost(RowanError):
    """Another worker has the event by now: what was done for it must be taken back."""
