"""A proxy for tests: TLS, passwords, answers that get lost. And the certificates it needs, made with openssl."""

import http.client
import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def authority(folder, name):
    """A certificate authority of one's own: NAME.pem and NAME.key."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key",
            "-out", folder / f"{name}.pem", "-addext", "basicConstraints=critical,CA:TRUE")
    return folder / f"{name}.pem"


def certificate(folder, name, by, names):
    """A certificate of a server, signed by an authority; for names as openssl writes them: IP:127.0.0.1."""
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr")
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / f"{by}.pem", "-CAkey", folder / f"{by}.key", "-CAcreateserial",
            "-days", "2", "-extfile", folder / f"{name}.ext", "-out", folder / f"{name}.pem")
    return folder / f"{name}.pem", folder / f"{name}.key"


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


@contextmanager
def proxy(to, certificate=None, authorizations=None, loses=lambda method, path: False):
    """Forwards to a node, `host:port`. With `certificate` it speaks TLS; with `authorizations` it lets in only who
    sends one of these headers; what `loses` is true of is forwarded, and its answer is not given."""
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if authorizations is not None and self.headers.get("Authorization") not in authorizations:
                return self.answer(401, b'{"error":{"reason":"who are you?"}}', "application/json")
            node = http.client.HTTPConnection(to, timeout=120)
            node.request(self.command, self.path, body, {"Content-Type": self.headers.get("Content-Type", "application/json")})
            got = node.getresponse()
            said = got.read()
            if loses(self.command, self.path):
                self.close_connection = True
                return None
            return self.answer(got.status, said, got.headers.get("Content-Type", "application/json"))

        def answer(self, status, body, kind):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = forward

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # A client that does not trust the certificate hangs up.

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, certificate))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
