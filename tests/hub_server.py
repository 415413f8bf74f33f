"""A hub and its file server on this machine, which misbehave as they are told to."""

import contextlib
import hashlib
import json
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
PAGE = b"<html><body>Please log in to the network of this hotel.</body></html>"


@dataclass(frozen=True)
class Bad:
    """One answer that is not as it should be. ``at`` is how many bytes of it still come."""

    kind: str
    at: int = 0
    value: str = ""


class HubServer:
    """Serves ``files`` below /org/repo/resolve/…, by a redirect to /cdn/… as the hub does.

    ``script`` holds a ``Bad`` for each of the next requests for a file. ``asked`` holds the path,
    the host and the headers of each request so far.
    """

    def __init__(self):
        self.files, self.wrong_sums, self.script, self.asked = {}, {}, deque(), []
        self.api_status, self.cdn, self.etags = 200, "", True
        self.everything = None  # what each file is that is not in files
        self.stop = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.hub = self
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def put(self, repo, name, data):
        """Offer a file."""
        self.files[f"{repo}/{name}"] = data
        return f"{self.url}/cdn/{repo}/{name}"

    def close(self):
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()

    def ranges(self):
        """Return what pieces of files were asked for."""
        return [headers.get("Range", "") for path, _, headers in self.asked if "/cdn/" in path]

    def listing(self, repo):
        names = [name for name in self.files if name.startswith(f"{repo}/")]
        return {
            "id": repo,
            "sha": COMMIT,
            "private": False,
            "siblings": [self._sibling(name, name.removeprefix(f"{repo}/")) for name in names],
        }

    def _sibling(self, key, name):
        data = self.files[key]
        digest = self.wrong_sums.get(key, hashlib.sha256(data).hexdigest())
        lfs = {"sha256": digest, "size": len(data), "pointerSize": 130}
        return {"rfilename": name, "size": len(data), "blobId": "b" * 40, "lfs": lfs}


class Handler(BaseHTTPRequestHandler):
    """One request to a ``HubServer``, answered as its script says."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.close_connection = True
        path = unquote(urlsplit(self.path).path)
        self.server.hub.asked.append((path, self.headers["Host"], dict(self.headers)))
        with contextlib.suppress(OSError):
            if path.startswith("/api/models/"):
                self._api("/".join(path.split("/")[3:5]))
            elif "/resolve/" in path:
                repo, _, rest = path.partition("/resolve/")
                host = self.server.hub.cdn or self.server.hub.url
                self._head(302, Location=f"{host}/cdn{repo}/{rest.partition('/')[2]}")
            else:
                self._file(path.removeprefix("/cdn/"))

    def _head(self, status, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": 0, "Connection": "close", **headers}.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def _send(self, status, body, **headers):
        self._head(status, **{"Content-Length": len(body), **headers})
        self.wfile.write(body)

    def _api(self, repo):
        listing = self.server.hub.listing(repo)
        if self.server.hub.api_status != 200:
            self._send(self.server.hub.api_status, b"{}", Content_Type="application/json")
        elif not listing["siblings"]:
            self._send(404, b"{}", X_Error_Code="RepoNotFound")
        else:
            body = json.dumps(listing).encode()
            self._send(200, body, Content_Type="application/json")

    def _file(self, key):
        bad = self.server.hub.script.popleft() if self.server.hub.script else Bad("ok")
        data = self.server.hub.files.get(key, self.server.hub.everything)
        if data is None:
            self._send(404, b"nothing here")
            return
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"' if self.server.hub.etags else None
        start, asked = 0, self.headers.get("Range")
        if asked and bad.kind != "ignores ranges":
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        if self.headers.get("If-Range", etag) != etag and bad.kind != "ignores versions":
            start = 0
        start += 7 if start and bad.kind == "sends another piece" else 0
        if start and start >= len(data):
            self._head(416, Content_Range=f"bytes */{len(data)}")
            return
        headers = {"ETag": etag}
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        status = 206 if start else 200
        act = getattr(self, "_" + bad.kind.replace(" ", "_"), self._ok)
        act(bad, status, data[start:], headers)

    def _ok(self, bad, status, body, headers):
        self._send(status, body, **headers)

    def _cuts(self, bad, status, body, headers):
        self._head(status, **{**headers, "Content-Length": len(body)})
        self.wfile.write(body[: bad.at])

    def _resets(self, bad, status, body, headers):
        self._cuts(bad, status, body, headers)
        self.wfile.flush()
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def _stalls(self, bad, status, body, headers):
        self._cuts(bad, status, body, headers)
        self.wfile.flush()
        self.server.hub.stop.wait(5)

    def _is_slow(self, bad, status, body, headers):
        self._head(status, **{**headers, "Content-Length": len(body)})
        step = max(bad.at, 1)
        for i in range(0, len(body), step):
            self.wfile.write(body[i : i + step])
            if self.server.hub.stop.wait(float(bad.value or 0.002)):
                return

    def _hangs_up(self, bad, status, body, headers):
        pass

    def _talks_nonsense(self, bad, status, body, headers):
        self.wfile.write(b"\x16\x03\x01 what?\r\n\r\n")

    def _says_less(self, bad, status, body, headers):
        self._send(status, body, **{**headers, "Content-Length": max(len(body) - 99, 0)})

    def _says_more(self, bad, status, body, headers):
        self._send(status, body, **{**headers, "Content-Length": len(body) + 99})

    def _says_nothing(self, bad, status, body, headers):
        self._send(status, body, **{**headers, "Content-Length": None})

    def _sends_chunks(self, bad, status, body, headers):
        self._chunks(status, body, headers, whole=True)

    def _cuts_chunks(self, bad, status, body, headers):
        self._chunks(status, body[: bad.at], headers, whole=False)

    def _sends_more(self, bad, status, body, headers):
        self._chunks(status, body + body[-64:], headers, whole=True)

    def _chunks(self, status, body, headers, *, whole):
        headers = {**headers, "Content-Length": None, "Transfer-Encoding": "chunked"}
        self._head(status, **headers)
        for i in range(0, len(body), 9000):
            piece = body[i : i + 9000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if whole:
            self.wfile.write(b"0\r\n\r\n")

    def _flips_a_bit(self, bad, status, body, headers):
        at = min(max(bad.at, 8), len(body) - 1)
        body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        self._send(status, body, **headers)

    def _shows_a_page(self, bad, status, body, headers):
        self._send(200, PAGE, Content_Type="text/html")

    def _has_no_more(self, bad, status, body, headers):
        if status == 206:
            self._head(416, Content_Range="bytes */*")
        else:
            self._ok(bad, status, body, headers)

    def _says(self, bad, status, body, headers):
        retry = {"Retry-After": bad.value} if bad.value else {}
        self._send(bad.at, b"{}", **retry)

    def _leads_on(self, bad, status, body, headers):
        self._head(302, Location=bad.value)

    def _leads_round(self, bad, status, body, headers):
        self.server.hub.script.append(bad)
        self._head(307, Location=self.path)


def later(seconds):
    """Return an HTTP date."""
    return formatdate(seconds, usegmt=True)
