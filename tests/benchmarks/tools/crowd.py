"""Many websocket clients in one thread on a bare epoll loop: a few microseconds a frame, so that the server is what is measured.

Frames are kept as bytes with the instant at which they were read, and decoded after the clock has stopped.
"""

import json
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

CHUNK = 65_536
BEAT_EVERY = 15.0
_HEARTBEAT = b'{"type":"heartbeat"}'
_BEAT = b"\x81" + bytes([0x80 | len(_HEARTBEAT)]) + bytes(4) + _HEARTBEAT  # masked with zeros


class Lost(Exception):
    """What was waited for did not come in time."""


@dataclass(eq=False)
class Client:
    """One connection: its bytes as they came, each piece with the instant."""

    socket: socket.socket
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    begun: bool = False
    ended: bool = False

    def take(self) -> None:
        """Reads what is there."""
        try:
            piece = self.socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if piece:
            self.pieces.append((time.monotonic(), piece))
        else:
            self.ended = True

    def forget(self) -> None:
        """Drops what came so far; only between whole frames."""
        self.pieces.clear()

    def frames(self) -> list[tuple[float, dict[str, Any]]]:
        """Every whole text frame with the instant at which its last byte was read."""
        whole = b"".join(piece for _at, piece in self.pieces)
        ends, total = [], 0
        for at, piece in self.pieces:
            total += len(piece)
            ends.append((total, at))
        found, place, index = [], 0, 0
        if not self.begun and (head := whole.find(b"\r\n\r\n")) >= 0 and whole.startswith(b"HTTP/"):
            place = head + 4
        while (bounds := _next_frame(whole, place)) is not None:
            begin, place, opcode = bounds
            while ends[index][0] < place:
                index += 1
            if opcode == 1:
                found.append((ends[index][1], json.loads(whole[begin:place])))
        return found


def _next_frame(data: bytes, place: int) -> tuple[int, int, int] | None:
    """Where the payload of the frame at `place` begins and ends, and its opcode; None while it is not all there."""
    if len(data) < place + 2:
        return None
    length, begin = data[place + 1] & 0x7F, place + 2
    if length >= 126:
        wide = 2 if length == 126 else 8
        if len(data) < begin + wide:
            return None
        length, begin = int.from_bytes(data[begin : begin + wide], "big"), begin + wide
    return (begin, begin + length, data[place] & 0x0F) if len(data) >= begin + length else None


def each_has(clients: Sequence[Client], word: bytes) -> Callable[[], bool]:
    """Whether every client has been sent `word`; asked again and again it looks at few of them, so that reading goes on."""
    waiting = list(clients)

    def done() -> bool:
        while waiting and any(word in piece for _at, piece in waiting[-1].pieces):
            waiting.pop()
        return not waiting

    return done


class Crowd:
    """All clients of one process. Everything but `serve` is called between measurements."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._readers: dict[int, Callable[[], None]] = {}
        self._clients: set[Client] = set()
        self._beaten = time.monotonic()

    def join(self, port: int, paths: Sequence[str], *, receive_buffer: int = 0) -> list[Client]:
        """Begins the connections and sends each its handshake; who waits for the answers is the caller."""
        return [self._begin(port, path, receive_buffer) for path in paths]

    def _begin(self, port: int, path: str, receive_buffer: int) -> Client:
        line = socket.socket()
        if receive_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        line.connect(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        line.sendall(f"{head}Connection: Upgrade\r\n{key}".encode())
        line.setblocking(False)
        client = Client(line)
        self._clients.add(client)
        self._watch(line, client.take)
        return client

    def _watch(self, line: socket.socket, reader: Callable[[], None]) -> None:
        self._readers[line.fileno()] = reader
        self._epoll.register(line.fileno(), select.EPOLLIN)

    def neglect(self, client: Client) -> None:
        """Reads no more of that client: its line fills up."""
        self._epoll.unregister(client.socket.fileno())
        del self._readers[client.socket.fileno()]

    def leave(self, clients: Sequence[Client]) -> None:
        for client in clients:
            if client.socket.fileno() in self._readers:
                self.neglect(client)
            client.socket.close()
            self._clients.discard(client)

    def serve(self, seconds: float) -> None:
        """Reads whatever comes within `seconds`, or until something has come and been read."""
        for number, _what in self._epoll.poll(seconds):
            self._readers[number]()

    def until(self, done: Callable[[], bool], seconds: float = 20.0) -> None:
        """Reads until `done`. Raises Lost."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise Lost(f"not within {seconds:g} s")
            self.serve(0.05)

    def rest(self, seconds: float) -> None:
        """Reads for so long, and lets every client say that it is there when that is due."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.serve(min(left, 0.05))
        if time.monotonic() - self._beaten > BEAT_EVERY:
            self.beat()

    def beat(self) -> None:
        self._beaten = time.monotonic()
        for client in self._clients:
            try:
                client.socket.send(_BEAT)
            except OSError:
                client.ended = True

    def settle(self, clients: Sequence[Client], *, kind: str = "hello", seconds: float = 60.0) -> None:
        """Waits until each has had a frame of that kind, then forgets what came."""
        self.until(each_has(clients, f'"type":"{kind}"'.encode()), seconds)
        self.rest(0.6)
        for client in clients:
            client.begun = True
            client.forget()

    def ask(self, port: int, path: str) -> "Answer":
        """Sends a GET; its answer is read along with everything else."""
        answer = Answer(port, path)
        self._watch(answer.socket, lambda: self._taken(answer))
        return answer

    def _taken(self, answer: "Answer") -> None:
        if answer.take():
            self._epoll.unregister(answer.socket.fileno())
            del self._readers[answer.socket.fileno()]
            answer.socket.close()


class Answer:
    """The JSON answer to a GET, once it has come."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        self._data, self.value = b"", None

    def take(self) -> bool:
        """Reads on; whether that was all."""
        piece = self.socket.recv(CHUNK)
        self._data += piece
        if not piece:
            self.value = json.loads(self._data.partition(b"\r\n\r\n")[2])
        return not piece
