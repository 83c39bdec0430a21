// Paths of cgroups as systemd and the container runtimes make them, and what they say.
#include "platform/linux/cgroup_path.h"

#include <string>

#include <doctest/doctest.h>

using namespace inetctl;
using namespace inetctl::linux_os;

namespace {

const std::string kId = "3f2a91c04d7e5b8890aa17c2d3e4f5061728394a5b6c7d8e9f00112233445566";
const std::string kPod = "2c48913c-b29f-11e7-9350-020968147796";
const std::string kPodInSlice = "2c48913c_b29f_11e7_9350_020968147796";

CgroupFacts of(const std::string& path) { return decode_cgroups("0::" + path + "\n"); }

// "unit user_unit slice"
std::string units(const std::string& path) {
  const CgroupFacts facts = of(path);
  const auto word = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return word(facts.unit) + " " + word(facts.user_unit) + " " + word(facts.slice);
}

// "runtime:container", "-" where there is none.
std::string container(const std::string& path) {
  const CgroupFacts facts = of(path);
  if (facts.container.empty()) return "-";
  return std::string(name_of(facts.runtime)) + ":" + (facts.container == kId ? "ID" : facts.container);
}

}  // namespace

// The cases are those of systemd's own test (src/test/test-cgroup-util.c) where it has some.
TEST_CASE("cgroup path: units of the system") {
  CHECK(units("/system.slice/ssh.service") == "ssh.service - system.slice");
  CHECK(units("/init.scope") == "init.scope - -.slice");
  CHECK(units("/system.slice/foobar.service/sdfdsaf") == "foobar.service - system.slice");
  CHECK(units("/system.slice/getty@tty5.service/aaa/bbb") == "getty@tty5.service - system.slice");
  CHECK(units("/system.slice/system-postgresql.slice/postgresql@15-main.service") ==
        "postgresql@15-main.service - system-postgresql.slice");
  CHECK(units("/system-waldo.slice/_cpu.service/sdfdsaf") == "cpu.service - system-waldo.slice");
  CHECK(units("/system.slice/dbus.socket") == "dbus.socket - system.slice");
  CHECK(units("/system.slice/run-r0\\x2dq.mount") == "run-r0\\x2dq.mount - system.slice");
}

TEST_CASE("cgroup path: what is no unit") {
  for (const char* path : {"/", "", "/user.slice", "/system.slice/getty@.service", "/foobar.slice/@x.service",
                           "/system.slice/foo bar.service", "/system.slice/nodot", "/system.slice/x.unknown",
                           "/a@b.slice/x", "/.service", "/process_api/7bdab91ec8495d4c", "/../.."})
    CHECK_MESSAGE(units(path) == "- - -", path);
  CHECK(units("/" + std::string(250, 'a') + ".service") == "- - -");
  CHECK(units("/x/ssh.service") == "- - -");  // a unit comes first, or after slices
}

TEST_CASE("cgroup path: units of a user's own manager, and sessions") {
  CHECK(units("/user.slice/user-1000.slice/user@1000.service/app.slice/app-foot-1.scope") ==
        "user@1000.service app-foot-1.scope user-1000.slice");
  CHECK(units("/user.slice/user-1000.slice/user@1000.service/server.service") ==
        "user@1000.service server.service user-1000.slice");
  CHECK(units("/user.slice/user-1000.slice/user@1000.service/init.scope") ==
        "user@1000.service init.scope user-1000.slice");
  CHECK(units("/user.slice/user-1000.slice/user@1000.service") == "user@1000.service - user-1000.slice");
  CHECK(units("/user.slice/user-1000.slice/session-2.scope") == "session-2.scope - user-1000.slice");
  CHECK(units("/user.slice/user-1000.slice/session-c7.scope/foobar.service") ==
        "session-c7.scope foobar.service user-1000.slice");
  CHECK(units("/system.slice/capsule@foo.service/app.slice/x.service") ==
        "capsule@foo.service x.service system.slice");
  CHECK(units("/system.slice/user@ab.service/x.service") == "user@ab.service - system.slice");
  CHECK(units("/user.slice/session-.scope/x.service") == "session-.scope - user.slice");
}

TEST_CASE("cgroup path: containers, with systemd and without") {
  CHECK(container("/system.slice/docker-" + kId + ".scope") == "docker:ID");
  CHECK(container("/docker/" + kId) == "docker:ID");
  CHECK(container("/docker/" + kId + "/system.slice/nginx.service") == "docker:ID");
  CHECK(container("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + kId + ".scope") ==
        "docker:ID");
  CHECK(container("/machine.slice/libpod-" + kId + ".scope/container") == "podman:ID");
  CHECK(container("/libpod_parent/libpod-" + kId) == "podman:ID");
  CHECK(container("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope") ==
        "podman:ID");
  CHECK(container("/system.slice/nerdctl-" + kId + ".scope") == "containerd:ID");
  CHECK(container("/lxc.payload.web-1/system.slice/nginx.service") == "lxc:web-1");
  CHECK(container("/lxc.payload/web/init.scope") == "lxc:web");
  CHECK(container("/lxc/101/ns/system.slice/ssh.service") == "lxc:101");
  CHECK(container("/machine.slice/machine-web\\x2d1.scope/payload/system.slice") == "systemd-nspawn:web-1");
  CHECK(container("/machine.slice/systemd-nspawn@deb\\x2d12.service/payload") == "systemd-nspawn:deb-12");
  CHECK(container("/machine.slice/machine-qemu\\x2d3\\x2dvm.scope/libvirt/emulator") == "libvirt:qemu-3-vm");
  CHECK(container("/machine.slice/machine-lxc\\x2d4242\\x2dbox.scope") == "libvirt:lxc-4242-box");
  CHECK(container("/ecs/0f1e2d3c4b5a69788796a5b4c3d2e1f0/" + kId) == ":ID");
  CHECK(container("/actions_job/" + kId) == ":ID");
  // One within the other: the innermost.
  CHECK(container("/docker/" + std::string(64, 'a') + "/docker/" + kId) == "docker:ID");
  CHECK(container("/docker/" + std::string(64, 'a') + "/kubelet/kubepods/besteffort/pod" + kPod + "/" +
                  kId) == ":ID");
}

TEST_CASE("cgroup path: Kubernetes, with the pod") {
  struct Case {
    std::string path, expected;
  };
  for (const Case& one :
       {Case{"/kubepods/besteffort/pod" + kPod + "/" + kId, ":ID"},
        {"/kubepods/pod" + kPod + "/" + kId, ":ID"},
        {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + kPodInSlice +
             ".slice/cri-containerd-" + kId + ".scope",
         "containerd:ID"},
        {"/kubepods.slice/kubepods-pod" + kPodInSlice + ".slice/crio-" + kId + ".scope/container",
         "cri-o:ID"},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + kPodInSlice + ".slice/docker-" +
             kId + ".scope",
         "docker:ID"},
        {"/system.slice/containerd.service/kubepods-burstable-pod" + kPodInSlice +
             ".slice:cri-containerd:" + kId,
         "containerd:ID"}}) {
    CHECK_MESSAGE(container(one.path) == one.expected, one.path);
    CHECK_MESSAGE(of(one.path).pod == kPod, one.path);
  }
  // The kubelet's own pods have a uid without hyphens.
  CHECK(of("/kubepods/burstable/pod" + std::string(32, 'c') + "/" + kId).pod == std::string(32, 'c'));
  CHECK(of("/kubepods/podium/x").pod.empty());
}

TEST_CASE("cgroup path: what is no container") {
  for (const std::string& path :
       {std::string("/system.slice/docker.service"), std::string("/system.slice/docker.socket"),
        "/machine.slice/libpod-conmon-" + kId + ".scope", "/crio-conmon-" + kId + ".scope",
        std::string("/lxc.monitor.web-1"), std::string("/lxc"), std::string("/docker"),
        std::string("/docker/buildx"), std::string("/system.slice/docker-.scope"),
        std::string("/system.slice/machine-.scope"), std::string("/lxc.payload."),
        "/docker-" + kId + "0.scope", "/" + kId.substr(1),
        std::string("/system.slice/docker-XYZXYZXYZXYZ.scope")})
    CHECK_MESSAGE(container(path) == "-", path);
}

TEST_CASE("cgroup path: of several hierarchies") {
  // Version 1 with Docker, as systemd's hybrid mode has it.
  const CgroupFacts docker =
      decode_cgroups("12:pids:/docker/" + kId + "\n5:devices:/docker/" + kId + "\n1:name=systemd:/docker/" +
                     kId + "\n0::/system.slice/containerd.service\n");
  CHECK(docker.path == "/system.slice/containerd.service");
  CHECK(docker.unit == "containerd.service");
  CHECK(docker.runtime == ContainerRuntime::docker);
  CHECK(docker.container == kId);
  // Version 2 is there, but empty.
  const CgroupFacts hybrid = decode_cgroups(
      "4:memory:/system.slice/cron.service\n1:name=systemd:/system.slice/cron.service\n0::/\n");
  CHECK(hybrid.path == "/system.slice/cron.service");
  CHECK(hybrid.unit == "cron.service");
  CHECK(decode_cgroups("4:memory:/a\n3:cpu,cpuacct:/b\n0::/\n").path == "/a");
  CHECK(decode_cgroups("4:memory:/\n0::/\n").path == "/");
  // A path may have colons, and a namespace's way up.
  CHECK(decode_cgroups("0::/a:b/c\n").path == "/a:b/c");
  const CgroupFacts above = decode_cgroups("0::/../../system.slice/ssh.service\n");
  CHECK(above.path == "/../../system.slice/ssh.service");
  CHECK(above.unit == "ssh.service");
  // A directory that is gone.
  const CgroupFacts gone = decode_cgroups("0::/system.slice/x.service (deleted)\n");
  CHECK(gone.unit == "x.service");
}

TEST_CASE("cgroup path: any text is taken, and none is read past its end") {
  const std::string text = "7:x:/docker/" + kId + "\n0::/kubepods.slice/kubepods-pod" + kPodInSlice +
                           ".slice/crio-" + kId + ".scope\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string cut = text.substr(0, size);  // a copy, so that sanitizers see its end
    const CgroupFacts facts = decode_cgroups(cut);
    if (size == 0) CHECK(facts.path.empty());
    if (size == text.size()) CHECK(facts.runtime == ContainerRuntime::crio);
  }
  CHECK(decode_cgroups(":").path.empty());
  CHECK(decode_cgroups("\n\n::\n").path.empty());
  CHECK(decode_cgroups("0::/machine.slice/machine-\\x2.scope\n").container == "\\x2");
  CHECK(decode_cgroups("0::/machine.slice/machine-a\\x1bz.scope\n").container == "a\x1bz");
}
