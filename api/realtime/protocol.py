"""uvicorn's websocket protocol, but for how a server that stops says goodbye (`uvicorn --ws api.realtime.protocol:Protocol`)."""

import json
import random

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EARLIEST, LATEST = 0.5, 5.0
"""Seconds: a restart takes about as long, and several hundred clients should not come back in one instant."""


class Protocol(WebSocketsSansIOProtocol):
    def shutdown(self) -> None:
        """Closes with 1012 and a `retry_after` in the reason, different for each."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1012})
        retry_after = round(random.uniform(EARLIEST, LATEST), 2)  # noqa: S311 - spreads retries, keeps no secret
        self.conn.send_close(1012, json.dumps({"retry_after": retry_after}))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()
