#!/usr/bin/env python3
"""DNS over TLS against servers with good and bad certificates, made here by openssl(1).
usage: resolve_tls.py ASK_SERVER"""

import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

from resolve_network import ask, own_namespace
import misbehaving_server


def run_openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(folder):
    """An authority, and certificates of it: for a name and an address, expired, and one that signs itself."""
    run_openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                "-subj", "/CN=test authority", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    for name, days in (("good", 2), ("expired", -1), ("self", 2)):
        names = folder / f"{name}.ext"
        names.write_text("subjectAltName=DNS:dns.test,IP:127.0.0.1,IP:::1\n")
        run_openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                    "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr")
        signer = (["-signkey", folder / "self.key"] if name == "self" else
                  ["-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial"])
        run_openssl("x509", "-req", "-in", folder / f"{name}.csr", *signer, "-days", days, "-extfile", names,
                    "-out", folder / f"{name}.pem")


class TlsServer:
    """A server with one certificate; it notes the name and the protocol that its clients ask for."""

    def __init__(self, folder, certificate, address="127.0.0.1", hang=False):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}.key")
        self.context.set_alpn_protocols(["dot"])
        self.context.sni_callback = lambda _connection, name, _context: self.names.append(name)
        self.names, self.protocols, self.connections, self.hang = [], [], 0, hang
        self.listener = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        held = []
        while True:
            connection, _ = self.listener.accept()
            self.connections += 1
            if self.hang:
                held.append(connection)
            else:
                threading.Thread(target=self.serve_connection, args=(connection,), daemon=True).start()

    def serve_connection(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as secured:
                self.protocols.append(secured.selected_alpn_protocol())
                while True:
                    head = misbehaving_server.Server.exactly(secured, 2)
                    if not head:
                        return
                    query = misbehaving_server.Server.exactly(secured, struct.unpack(">H", head)[0])
                    kind = misbehaving_server.labels(query)[0][0]
                    message = misbehaving_server.reply(query)
                    framed = struct.pack(">H", len(message)) + message
                    if kind == "half":
                        secured.sendall(framed[:10])
                        return
                    secured.sendall(framed)
        except OSError:
            pass


def one(program, server, transport="tls", address="127.0.0.1", name="good.test", wait_ms=5000):
    events, _, seconds = ask(program, transport, [name], address, server.port, wait_ms)
    return *events[name], seconds


def check(program, folder):
    good, expired, self_signed = (TlsServer(folder, kind) for kind in ("good", "expired", "self"))
    # Without a known authority nobody is trusted; with it, by name and by address.
    os.environ["SSL_CERT_FILE"], os.environ["SSL_CERT_DIR"] = os.devnull, str(folder / "none")
    outcome, _, _, detail, _ = one(program, good)
    assert outcome == "untrusted" and "certificate of 127.0.0.1" in detail, (outcome, detail)
    os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")
    good.names.clear()
    for transport, sent in (("tls", None), ("tls:dns.test", "dns.test")):
        outcome, _, _, detail, _ = one(program, good, transport)
        assert outcome == "ok", (transport, outcome, detail)
        assert good.names.pop() == sent, transport
    assert set(good.protocols) == {"dot"}, good.protocols
    six = TlsServer(folder, "good", "::1")
    assert one(program, six, address="::1")[0] == "ok"

    for server, transport, why in ((good, "tls:other.test", "ostname mismatch"), (expired, "tls", "expired"),
                                   (self_signed, "tls", "self-signed")):
        outcome, _, _, detail, seconds = one(program, server, transport)
        assert outcome == "untrusted" and why in detail and seconds < 4, (outcome, detail)
    away = TlsServer(folder, "good", "127.0.0.2")
    outcome, _, _, detail, _ = one(program, away, address="127.0.0.2")
    assert outcome == "untrusted" and "IP address mismatch" in detail, (outcome, detail)

    outcome, _, _, detail, _ = one(program, good, name="half.test")
    assert outcome == "closed" and " of " in detail, (outcome, detail)
    # One that is no TLS server, one that never shakes hands, none at all.
    plain = misbehaving_server.Server("127.0.0.3", 853)
    outcome, _, _, detail, seconds = one(program, plain, address="127.0.0.3", wait_ms=1000)
    assert outcome in ("closed", "timeout") and seconds < 3, (outcome, detail)
    outcome, _, rtt, _, _ = one(program, TlsServer(folder, "good", hang=True), wait_ms=500)
    assert outcome == "timeout" and 500_000 <= rtt < 900_000, (outcome, rtt)

    # Many queries go over a few connections, which are used again.
    before = good.connections
    many = [f"n{n}.test" for n in range(300)]
    events, _, _ = ask(program, "tls", many, port=good.port, wait_ms=30000)
    assert all(event[0] == "ok" for event in events.values()), events
    assert good.connections - before <= 200, good.connections - before


def main():
    program = os.path.abspath(sys.argv[1])
    own_namespace()
    if not shutil.which("openssl"):
        print("no openssl to make certificates with", file=sys.stderr)
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        make_certificates(pathlib.Path(folder))
        check(program, pathlib.Path(folder))
    print("only the right certificates were trusted")


if __name__ == "__main__":
    main()
