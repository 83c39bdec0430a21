#!/usr/bin/env python3
"""`--format openmetrics`, read by the programs that it is for: promtool, node_exporter's textfile collector, Prometheus
on both roads (by way of node_exporter, and as OpenMetrics itself), and the parser of Prometheus's Python library, which
keeps to the letter of OpenMetrics 1.0. In a namespace of its own.

    unshare --net openmetrics.py INETCTL
"""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from checks import check, failed, verdict

INETCTL = os.path.abspath(sys.argv[1])
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
VIEWS = {"sockets": ["stat"], "counters": ["stat", "--proto"], "groups": ["i", "--count-by", "protocol,state,owner.comm"],
         "all": ["stat", "--fields", "all"]}


def text_of(view):
    done = subprocess.run([INETCTL, *VIEWS[view], "--format", "openmetrics"], capture_output=True, timeout=60, check=False)
    check(f"{view} ends well", done.returncode == 0, done.stderr.decode())
    return done.stdout.decode()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def until(what, question, seconds=40):
    """Asks until the answer is true."""
    end = time.monotonic() + seconds
    last = None
    while time.monotonic() < end:
        try:
            last = question()
            if last:
                return last
        except OSError as error:
            last = error
        time.sleep(0.3)
    check(what, False, "in time", last)
    return None


def strictly(view, text):
    """By the letter of the specification: contiguous families, units, suffixes, no labels twice."""
    families = {family.name: family for family in text_string_to_metric_families(text)}
    check(f"{view} has families", families)
    check(f"{view} ends as it should", text.endswith("\n# EOF\n"))
    for family in families.values():
        check(f"{family.name} has a meaning", family.documentation)
        check(f"{family.name} has samples", family.samples)
    return families


def promtool(view, text):
    """It reads the older format: there a counter's HELP is found by the name with _total, and ours is another's. It
    wants no capitals either, which the kernel's names have; neither is a fault of the text."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60, check=False)
    check(f"promtool reads {view}", done.returncode in (0, 3) and "error" not in done.stderr, done.stderr)
    for line in (done.stdout + done.stderr).splitlines():
        name, _, complaint = line.partition(" ")
        expected = (complaint == "no help text" and name.endswith("_total")
                    or "camelCase" in complaint and view == "counters"
                    or complaint == 'use base unit "bytes" instead of "bits"')
        check(f"promtool about {view}", expected, line)


class Exposition(http.server.BaseHTTPRequestHandler):
    """All views as Prometheus scrapes them: a family may not come twice, so each has its path."""

    def do_GET(self):
        body = self.server.texts[self.path.strip("/")].encode()
        self.send_response(200)
        self.send_header("Content-Type", OPENMETRICS)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def scrape(texts, work):
    """Both roads into one Prometheus; returns a question to it."""
    exporter, database = free_port(), free_port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exposition)
    server.texts = texts
    threading.Thread(target=server.serve_forever, daemon=True).start()
    directory = os.path.join(work, "textfiles")
    os.mkdir(directory)
    for view in ("sockets", "counters", "groups"):
        with open(os.path.join(directory, f"{view}.prom"), "w", encoding="utf-8") as file:
            file.write(texts[view])
    jobs = [{"job_name": "node", "static_configs": [{"targets": [f"127.0.0.1:{exporter}"]}]}]
    jobs += [{"job_name": view, "metrics_path": f"/{view}", "static_configs": [{"targets": [f"127.0.0.1:{server.server_port}"]}]}
             for view in texts]
    config = os.path.join(work, "prometheus.yml")
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs}, file)
    log = open(os.path.join(work, "log"), "w", encoding="utf-8")
    running = [
        subprocess.Popen(["prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
                          f"--collector.textfile.directory={directory}", f"--web.listen-address=127.0.0.1:{exporter}"],
                         stdout=log, stderr=log),
        subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={work}/tsdb",
                          f"--web.listen-address=127.0.0.1:{database}"], stdout=log, stderr=log),
    ]

    def ask(what, **words):
        return json.loads(get(f"http://127.0.0.1:{database}/api/v1/{what}?{urllib.parse.urlencode(words)}"))["data"]

    return running, server, exporter, ask


def values(ask, query):
    return {row["metric"].get("job", ""): float(row["value"][1]) for row in ask("query", query=query)["result"]}


def by_prometheus(texts, families, expected):
    with tempfile.TemporaryDirectory() as work:
        running, server, exporter, ask = scrape(texts, work)
        try:
            jobs = {"node", *texts}
            until("every road is up", lambda: {job for job, up in values(ask, "up").items() if up == 1} == jobs)
            exposed = get(f"http://127.0.0.1:{exporter}/metrics")
            check("node_exporter read the files", "node_textfile_scrape_error 0" in exposed)
            for query, number, view in expected:
                found = values(ask, query)
                check(f"{query} by both roads", found.get("node") == number == found.get(view), found)
            # Nothing is lost on the way: as many samples as there are lines.
            for view, text in texts.items():
                lines = sum(not line.startswith("#") for line in text.splitlines())
                taken = values(ask, f'scrape_samples_post_metric_relabeling{{job="{view}"}}')
                check(f"all of {view}", taken.get(view) == lines > 0, taken, lines)
            metadata = ask("metadata")
            for family in families.values():
                # As OpenMetrics Prometheus knows a counter by its family, as its older format by its sample, untyped.
                known = metadata.get(family.name, [])
                check(f"{family.name} is known", any(entry["type"] == family.type and entry["help"] == family.documentation
                                                     and entry["unit"] == family.unit for entry in known), known)
            counter = metadata.get("inetctl_UdpNoPorts_total", [])
            check("node_exporter takes counters for untyped", [entry["type"] for entry in counter] in (["unknown"], ["untyped"]), counter)
        finally:
            for process in running:
                process.terminate()
                process.wait(timeout=30)
            server.shutdown()
            if failed:
                with open(os.path.join(work, "log"), encoding="utf-8") as log:
                    print(log.read()[-2000:])


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(7):
            sender.sendto(b"x", ("127.0.0.1", 9))
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
        client.sendall(b"x" * 4321)
        left = 4321
        while left:
            left -= len(server.recv(left))
        texts = {view: text_of(view) for view in VIEWS}
        local = f"127.0.0.1:{client.getsockname()[1]}"
    families = {}
    for view, text in texts.items():
        families.update(strictly(view, text))
        promtool(view, text)
    check("a counter, a gauge, a setting", [families[f"inetctl_{name}"].type for name in
                                            ("UdpNoPorts", "TcpCurrEstab", "TcpRtoMin_seconds")] == ["counter", "gauge", "gauge"])
    by_prometheus(texts, families, [
        ("inetctl_UdpNoPorts_total", 7, "counters"),
        ("inetctl_TcpCurrEstab", 2, "counters"),
        ("inetctl_TcpRtoMin_seconds", 0.2, "counters"),
        (f'inetctl_socket_send_oct_bytes_total{{local="{local}",protocol="tcp"}}', 4321, "sockets"),
        ('sum without(comm) (inetctl_sockets{protocol="tcp",state="LISTEN"})', 1, "groups"),
        ('sum without(comm) (inetctl_sockets{protocol="tcp",state="ESTABLISHED"})', 2, "groups"),
    ])
    return verdict("openmetrics: all holds")


if __name__ == "__main__":
    lacking = [name for name in ("promtool", "prometheus", "prometheus-node-exporter", "ip") if not shutil.which(name)]
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError:
        debian_python = "/usr/bin/python3"  # the package is for this one, whichever comes first in the path
        if os.path.exists(debian_python) and os.path.realpath(debian_python) != os.path.realpath(sys.executable):
            os.execv(debian_python, [debian_python, *sys.argv])
        lacking.append("python3-prometheus-client")
    if lacking:
        print("openmetrics: skipped, without", *lacking)
        sys.exit(77)
    sys.exit(main())
