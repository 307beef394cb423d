"""Between the site and PostgreSQL: knows where a request and a transaction end, and fails there."""

import asyncio
import os
import signal
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

SSL_REQUEST, GSS_REQUEST, CANCEL = 80877103, 80877104, 80877102
LOST = (asyncio.IncompleteReadError, ConnectionError, OSError, asyncio.CancelledError)


@dataclass(slots=True)
class Fault:
    """What goes wrong once at a request of a connection.

    at is "commit", or how many requests of the connection from now (1 is BEGIN). when is "before"
    it reaches the server, "during" (sent, nobody waits) or "after" (done, the answer is lost).
    seconds stalls instead of cutting; pid is a process that dies by SIGKILL at that point.
    """

    at: str | int
    when: str
    seconds: float = 0
    pid: int = 0
    happened: bool = False


@dataclass(slots=True)
class Session:
    """One connection of a client, and the server's end of it."""

    client: Any
    server: Any = None
    fault: Fault | None = None
    requests: int = 0
    swallowing: Fault | None = None
    tasks: list[Any] = field(default_factory=list)

    def due(self, batch: bytes) -> Fault | None:
        """The fault that is for this request, taken off."""
        if self.fault is None:
            return None
        self.requests += 1
        commit = batch[:1] == b"Q" and batch[5:11].upper() == b"COMMIT"
        if commit if self.fault.at == "commit" else self.requests == self.fault.at:
            found, self.fault = self.fault, None
            return found
        return None

    def cut(self, fault: Fault) -> None:
        """Ends both connections, and the client's process where the fault says so."""
        fault.happened = True
        if fault.pid:
            with suppress(ProcessLookupError):
                os.kill(fault.pid, signal.SIGKILL)
        self.abort()

    def abort(self) -> None:
        for end in (self.client, self.server):
            if end is not None:
                end.transport.abort()


class Proxy:
    """A TCP port that leads to a PostgreSQL; a thread of its own runs it."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.sessions: dict[int, Session] = {}
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        assert self._ready.wait(10), "the proxy did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(10)
        self._loop.close()

    def arm(self, port: int, fault: Fault) -> None:
        """Let a connection, known by its client's port, fail from its next request on."""
        session = self.sessions[port]
        session.requests, session.fault = 0, fault

    def disarm(self, port: int) -> None:
        """Forget a fault that was not met."""
        if session := self.sessions.get(port):
            session.fault = None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**22)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))

    def _stop(self) -> None:
        for session in list(self.sessions.values()):
            session.abort()
        self._loop.stop()

    async def _serve(self, reader: Any, writer: Any) -> None:
        session = Session(writer)
        port = writer.get_extra_info("peername")[1]
        self.sessions[port] = session
        down = None
        try:
            server, session.server = await asyncio.open_connection(*self.target, limit=2**22)
            down = asyncio.ensure_future(self._answers(server, session))
            await self._greet(reader, session)
            await self._requests(reader, session)
        except LOST:
            pass
        finally:
            self.sessions.pop(port, None)
            session.abort()
            if down:
                down.cancel()

    async def _greet(self, reader: Any, session: Session) -> None:
        """The first packet has no type; encryption is refused, for the proxy reads along."""
        while True:
            (length,) = struct.unpack("!i", head := await reader.readexactly(4))
            body = await reader.readexactly(length - 4)
            if struct.unpack("!i", body[:4])[0] not in (SSL_REQUEST, GSS_REQUEST):
                session.server.write(head + body)
                return
            session.client.write(b"N")

    async def _requests(self, reader: Any, session: Session) -> None:
        """Whole requests go on at once: a simple query, or all up to a Sync."""
        batch = b""
        while True:
            kind, message = await read_message(reader)
            batch += message
            if kind in b"PBDECF":
                continue
            fault = session.due(batch) if kind in b"QS" else None
            if fault and not await self._pass(session, fault, batch):
                return
            if not fault:
                session.server.write(batch)
                await session.server.drain()
            batch = b""

    async def _pass(self, session: Session, fault: Fault, batch: bytes) -> bool:
        """Sends a request on as its fault lets it; whether the connection lives."""
        if fault.seconds:
            fault.happened = True
            await asyncio.sleep(fault.seconds)
        elif fault.when == "before":
            session.cut(fault)
            return False
        elif fault.when == "after":
            session.swallowing = fault
        session.server.write(batch)
        await session.server.drain()
        if fault.when == "during" and not fault.seconds:
            session.cut(fault)
            return False
        return True

    async def _answers(self, reader: Any, session: Session) -> None:
        """Answers go to the client, but for those that a fault swallows to their end."""
        try:
            while True:
                kind, message = await read_message(reader)
                if session.swallowing is None:
                    session.client.write(message)
                    await session.client.drain()
                elif kind == b"Z":
                    session.cut(session.swallowing)
                    return
        except LOST:
            session.abort()


async def read_message(reader: Any) -> tuple[bytes, bytes]:
    """(type, the whole message) of the wire protocol after the greeting."""
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
