"""repositories: whatever mix of entries a node has, afterwards nothing is doubled, nothing lost, nothing left to do."""

from __future__ import annotations

from collections import Counter

from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import (
    Source,
    SourcesFile,
    parse,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.archive import is_debian
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import CHANNELS, RELEASES, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import (
    DEBIAN_KEYRING,
    ENTERPRISE_URL,
    MIRROR_KEYRING,
    PROXMOX_URL,
    is_ceph,
    is_pve,
    own_paths,
    targets,
)
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT
from hypothesis import given
from hypothesis import strategies as st

from ....doubles.fake_debian import debian_node
from ....doubles.support import FakeNode
from .repositories_cases import NEWEST, apt_files, converged, declaration

NAMES = ("aaa", "ceph", "debian", "proxmox", "pve-enterprise", "zzz")
BASES = (PROXMOX_URL, ENTERPRISE_URL, "http://m.example/proxmox", f"{PROXMOX_URL}/")
NEAR = "http://near.example/debian"


def entries(release: Release, deb822: bool) -> st.SearchStrategy[str]:
    """One entry: of Proxmox VE, of Ceph, of Debian or of somebody else; on or off; with or without a key."""
    code = release.codename
    pve = st.tuples(
        st.sampled_from(BASES).map(lambda base: f"{base}/debian/pve"),
        st.just(code),
        st.sets(st.sampled_from(sorted(release.components.values())), min_size=1),
    )
    ceph = st.tuples(
        st.builds(
            lambda base, name: f"{base}/debian/ceph-{name}", st.sampled_from(BASES), st.sampled_from(list(release.ceph))
        ),
        st.just(code),
        st.sets(st.sampled_from(sorted(release.ceph_components.values())), min_size=1),
    )
    debian = st.tuples(
        st.sampled_from((NEAR, "http://far.example/debian", "http://far.example/debian-security")),
        st.sampled_from((code, f"{code}-updates", f"{code}-security", f"{code}-backports")),
        st.sets(st.sampled_from(("main", "contrib", "non-free")), min_size=1),
    )
    others = st.tuples(st.just("https://tools.example/debian"), st.just("stable"), st.just({"tools"}))
    keys = st.sampled_from(("", release.keyring_path, MIRROR_KEYRING, "/etc/apt/keyrings/mine.gpg", DEBIAN_KEYRING))

    def text(what: tuple[str, str, set[str]], key: str, off: bool, kind: str) -> str:
        uri, suite, components = what
        listed = " ".join(sorted(components))
        if not deb822:
            return f"{'# ' if off else ''}{kind} {f'[signed-by={key}] ' if key else ''}{uri} {suite} {listed}\n"
        signed = f"Signed-By: {key}\n" if key else ""
        return f"Types: {kind}\nURIs: {uri}\nSuites: {suite}\nComponents: {listed}\n{signed}" + "Enabled: no\n" * off

    kinds = st.sampled_from(("deb", "deb", "deb", "deb-src"))
    return st.builds(text, st.one_of(pve, ceph, debian, others), keys, st.booleans(), kinds)


@st.composite
def nodes(draw: st.DrawFn) -> tuple[Release, FakeNode]:
    release = draw(st.sampled_from(RELEASES))
    files = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
        deb822 = draw(st.booleans()) if release.deb822 else False
        parts = draw(st.lists(st.one_of(entries(release, deb822), st.just("# a remark\n")), min_size=1, max_size=4))
        files[f"/etc/apt/sources.list.d/{name}.{'sources' if deb822 else 'list'}"] = "\n".join(parts)
    packages = {"pve-manager": "x"} if draw(st.booleans()) else None
    return release, debian_node(release, files, packages)


def sources_of(node: FakeNode) -> list[tuple[SourcesFile, Source]]:
    files = (parse(path, text) for path, text in apt_files(node).items())
    return [(file, source) for file in files for source in file.sources]


def parts(source: Source) -> set[tuple[str, str, str, str]]:
    return {(kind, *target) for kind in source.types for target in targets(source)}


def identity(source: Source) -> tuple[object, ...]:
    """What an entry is apart from whether it is on, and, for Debian's own, from which mirror."""
    uris = "Debian" if is_debian(source) else source.uris
    return (source.types, uris, source.suites, source.components, source.signed_by)


def debian_entries(found: list[tuple[SourcesFile, Source]]) -> list[tuple[str, bool]]:
    """Their words, not their lines: an entry above may have gone."""
    return [(source.text, source.enabled) for _file, source in found if is_debian(source)]


@given(nodes(), st.sampled_from(CHANNELS), st.sampled_from(("", NEAR)))
def test_any_mix_of_entries(found: tuple[Release, FakeNode], channel: str, mirror: str) -> None:
    release, node = found
    before = sources_of(node)
    remarks = Counter(line for text in apt_files(node).values() for line in text.splitlines() if "remark" in line)
    declared = {**declaration(release, channel), "debian_url": mirror}
    planned = make_plan(SUBJECT, declared, node)
    assert planned.refusals == ()
    converged(node, declared)
    after = sources_of(node)

    ours = [source for _file, source in after if source.enabled and (is_pve(source) or is_ceph(source))]
    used = Counter(target for source in ours if "deb" in source.types for target in targets(source))
    assert set(used.values()) == {1} and len(used) == 2, "twice the same, or not what was declared"
    assert any(f"ceph-{NEWEST[release]}" in uri for uri, _suite, _component in used)

    kept = Counter(identity(source) for _file, source in after)
    foreign = Counter(identity(source) for file, source in before if file.path not in own_paths(release))
    assert not foreign - kept, "an entry that somebody else wrote is lost"
    assert not remarks - Counter(line for text in apt_files(node).values() for line in text.splitlines())

    debian = [source for _file, source in after if source.enabled and is_debian(source)]
    if mirror:
        assert any(release.security_suite in source.suites for source in debian)
        for source in debian:
            rest = set().union(*(parts(other) for other in debian if other is not source))
            assert not parts(source) <= rest, "superfluous"
    else:
        assert debian_entries(before) == debian_entries(after)
