"""A line of a stated rate and latency in front of a server: every byte of answers passes through one bucket, and is counted."""

import queue
import socket
import threading
import time


class Line:
    """Listens on a port of the loopback and passes connections on to another one."""

    CHUNK = 128 << 10

    def __init__(self, target, rate=None, latency=0.0):
        """rate: bytes a second of all connections together, or None; latency: seconds for a way there and back."""
        self.target, self.rate, self.delay = target, rate, latency / 2
        self.lock = threading.Lock()
        self.free = 0.0
        self.sent = 0
        self.first = self.last = None
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def reset(self):
        with self.lock:
            self.sent, self.first, self.last = 0, None, None

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pass_on(client, server, counts=False)
            self.pass_on(server, client, counts=True)

    def pass_on(self, source, sink, counts):
        # As much as is on its way on a line of this rate and latency, and some more.
        waiting = queue.Queue(maxsize=64)

        def receive():
            try:
                while data := source.recv(self.CHUNK):
                    waiting.put((self.arrival(len(data)) if counts else time.monotonic() + self.delay, data))
            except OSError:
                pass
            waiting.put(None)

        def send():
            try:
                while item := waiting.get():
                    moment, data = item
                    if (wait := moment - time.monotonic()) > 0:
                        time.sleep(wait)
                    sink.sendall(data)
            except OSError:
                pass
            for each in (source, sink):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            # Whoever still fills the queue must not wait for ever.
            while True:
                try:
                    if waiting.get(timeout=5) is None:
                        break
                except queue.Empty:
                    break

        threading.Thread(target=receive, daemon=True).start()
        threading.Thread(target=send, daemon=True).start()

    def arrival(self, count):
        """When so many bytes have come through the bucket and over the line."""
        with self.lock:
            now = time.monotonic()
            self.sent += count
            self.first = self.first or now
            if self.rate:
                self.free = max(self.free, now) + count / self.rate
            self.last = max(now, self.free)
            return self.last + self.delay
