"""uvicorn's websocket protocol, but for how a server that stops says goodbye (`uvicorn --ws api.realtime.protocol:Protocol`)."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.realtime import codes


class Protocol(WebSocketsSansIOProtocol):
    def shutdown(self) -> None:
        """Closes with 1012 and a `retry_after` in the reason, different for each."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": codes.RESTART})
        self.conn.send_close(codes.RESTART, codes.reason(codes.RESTART))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()
