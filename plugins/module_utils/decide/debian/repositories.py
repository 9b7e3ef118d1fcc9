# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what is written, fetched and refused so that a node uses the declared package repositories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Download, Plan, Refusal, RemoveFile, Step, WriteFile
from ...model.debian.apt import update
from ...model.debian.apt_lists import list_name
from ...model.debian.apt_sources import Source, SourcesFile
from ...model.debian.archive import codenames_of, gives_security, is_debian, is_security
from ...model.debian.release import RELEASES, Release, release_of, supported
from ...model.debian.repositories import (
    MIRROR_KEYRING,
    PROXY_FILE,
    DesiredRepositories,
    ObservedRepositories,
    foreign_suites,
    index_names,
    is_ceph,
    is_pve,
    key_url,
    own_paths,
    targets,
)
from .repositories_entries import edited, moved_to

_URL_OPTIONS = (
    "proxmox_url",
    "ceph_url",
    "enterprise_url",
    "debian_url",
    "debian_security_url",
    "keyring_url",
    "proxy",
)


def desired_from(params: Mapping[str, Any]) -> DesiredRepositories:
    """Module parameters → desired state."""
    urls = {name: (params[name] or "").rstrip("/") for name in _URL_OPTIONS}
    for name, url in urls.items():
        if url and not url.startswith(("http://", "https://")):
            raise Invalid(
                f"{name} is {url!r}, which is not the URL of a web server.", "It begins with http:// or https://."
            )
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise Invalid(
                f"{name} holds a user name or password, which everybody on the node could read.",
                "Put it into a file in /etc/apt/auth.conf.d that only root may read.",
            )
    if urls["debian_security_url"] and not urls["debian_url"]:
        raise Invalid("debian_security_url is set without debian_url.", "Set both, or only debian_url.")
    max_age = params["lists_max_age"] or None
    if max_age is not None and max_age < 0:
        raise Invalid(f"lists_max_age is {max_age}.", "It is a number of days, at least 1; 0 for any age.")
    return DesiredRepositories(
        channel=params["subscription"],
        ceph_release=params["ceph_release"] or None,
        ceph_channel=params["ceph_repository"] or params["subscription"],
        proxmox_url=urls["proxmox_url"],
        ceph_url=urls["ceph_url"] or None,
        enterprise_url=urls["enterprise_url"],
        debian_url=urls["debian_url"] or None,
        debian_security_url=urls["debian_security_url"] or _security_beside(urls["debian_url"]),
        proxy=urls["proxy"] or None,
        keyring_url=urls["keyring_url"] or None,
        keyring_sha256=(params["keyring_sha256"] or "").lower() or None,
        lists_max_age=max_age,
        upgrade_to=_upgrade_to(params["upgrade_to"]),
    )


def _upgrade_to(number: int) -> Optional[Release]:
    if not number:
        return None
    found = next((row for row in RELEASES if row.pve == number), None)
    if found is None:
        raise Invalid(f"upgrade_to is {number}, which is no release of Proxmox VE known here.", f"See {supported()}.")
    return found


def _security_beside(debian_url: str) -> Optional[str]:
    """Mirrors carry Debian's security archive beside its main archive."""
    return f"{debian_url}-security" if debian_url else None


def decide(desired: DesiredRepositories, observed: ObservedRepositories) -> Plan:
    own, release = release_of(observed.codename), desired.release_for(observed.codename)
    if own is None or release is None:
        found = observed.codename or "without a codename"
        return Plan(refusals=(Refusal(f"This node runs Debian {found}.", f"Supported are {supported()}."),))
    if release.pve not in (own.pve, own.pve + 1):
        return Plan(refusals=(Refusal(f"From Proxmox VE {own.pve} there is no way to {release.pve}."),))
    before, observed = observed, moved_to(release, observed)
    if desired.ceph_release is not None:
        desired = replace(desired, ceph_release=release.ceph_named(desired.ceph_release))
    files = edited(desired, observed, release)
    steps = (
        *_proxy(desired, observed),
        *_keyrings(desired, observed, release, files),
        *_written(before, files, release),
    )
    if steps or _lists_missing(observed, files):
        steps += (_update("read the package lists (apt-get update)"),)
    elif _lists_old(desired, observed):
        steps = (_update("read the package lists, which are older than lists_max_age (apt-get update)"),)
    return Plan(
        steps=steps,
        refusals=(
            *_refuse_malformed(observed),
            *_refuse_ceph(desired, release),
            *_refuse_mixed(observed.files if before is observed else files, release),
        ),
        warnings=(*_warn_security(files, release), *_warn_combined(desired, observed)),
        before=_document(before.files),
        after=_document(files),
    )


def _update(why: str) -> Step:
    return Step(why, update(), id="lists.read:all", topic="packages")


def _write(why: str, path: str, text: str) -> Step:
    return Step(why, WriteFile(path, text), id=f"file.write:{path}", topic="packages")


def _remove(why: str, path: str) -> Step:
    return Step(why, RemoveFile(path), id=f"file.remove:{path}", topic="packages")


def _proxy(desired: DesiredRepositories, observed: ObservedRepositories) -> tuple[Step, ...]:
    if desired.proxy is None:
        why = f"remove {PROXY_FILE}: no proxy is declared"
        return () if observed.proxy is None else (_remove(why, PROXY_FILE),)
    text = "".join(f'Acquire::{scheme}::Proxy "{desired.proxy}";\n' for scheme in ("http", "https"))
    if observed.proxy == text:
        return ()
    return (_write(f"let apt use the proxy {desired.proxy}", PROXY_FILE, text),)


def _keyrings(
    desired: DesiredRepositories, observed: ObservedRepositories, release: Release, files: tuple[SourcesFile, ...]
) -> tuple[Step, ...]:
    """The key files that entries in force name, each pinned by its SHA-256."""
    sources = (source for file in files for source in file.sources if source.enabled)
    named = {source.signed_by for source in sources if is_pve(source) or is_ceph(source)}
    return tuple(
        step
        for path in (release.keyring_path, MIRROR_KEYRING)
        if path in named
        for step in _keyring(desired, observed, release, path)
    )


def _keyring(
    desired: DesiredRepositories, observed: ObservedRepositories, release: Release, path: str
) -> tuple[Step, ...]:
    """Once the package owns upstream's key, it brings new keys itself: then any content will do."""
    own = path == MIRROR_KEYRING
    sha256 = desired.keyring_sha256 if own and desired.keyring_sha256 else release.keyring_sha256
    found = observed.keyrings.get(path)
    left_to_package = not own and observed.keyring_owned and found is not None
    if left_to_package or found == sha256:
        return ()
    url = key_url(desired, release, path)
    action = Download(url, path, sha256, proxy=desired.proxy or "")
    hint = "For a mirror of your own, name its key in keyring_url and keyring_sha256."
    why = f"fetch the repository key {url} (SHA-256 {sha256})"
    return (Step(why, action, id=f"key.fetch:{path}", topic="packages", hint=hint),)


def _written(observed: ObservedRepositories, files: tuple[SourcesFile, ...], release: Release) -> tuple[Step, ...]:
    before = {file.path: file for file in observed.files}
    steps = []
    for file in files:
        old = before.get(file.path)
        if old is not None and old.text == file.text:
            continue
        if file.path in own_paths(release) and not file.text.strip():
            steps.append(_remove(f"remove {file.path}: {_summary(old, file)}", file.path))
        else:
            why = f"{'write' if old is None else 'change'} {file.path}: {_summary(old, file)}"
            steps.append(_write(why, file.path, file.text))
    return tuple(steps)


def _summary(old: Optional[SourcesFile], new: SourcesFile) -> str:
    """What happens to the entries of a file, in words."""
    was = {source.quote: source.enabled for source in (old.sources if old else ())}
    now = {source.quote: source.enabled for source in new.sources}
    words = [f"drop {quote}" for quote in was if quote not in now]
    for quote, enabled in now.items():
        if quote not in was:
            words.append(f"add {quote}{'' if enabled else ' (switched off)'}")
        elif was[quote] != enabled:
            words.append(f"switch {'on' if enabled else 'off'} {quote}")
    return "; ".join(words)


def _lists_missing(observed: ObservedRepositories, files: tuple[SourcesFile, ...]) -> bool:
    sources = [source for file in files for source in file.sources if source.enabled and "deb" in source.types]
    names = [name for source in sources if is_pve(source) or is_ceph(source) for name in index_names(source)]
    names += [
        list_name(uri, suite, "")
        for source in sources
        if is_debian(source)
        for uri, suite in sorted({target[:2] for target in targets(source)})
        if uri.startswith("http")
    ]
    return any(not any(fetched.startswith(name) for fetched in observed.lists) for name in names)


def _lists_old(desired: DesiredRepositories, observed: ObservedRepositories) -> bool:
    return desired.lists_max_age is not None and (observed.lists_age or 0) > desired.lists_max_age


def _refuse_ceph(desired: DesiredRepositories, release: Release) -> tuple[Refusal, ...]:
    if desired.ceph_release is None:
        return ()
    refusals = []
    if desired.ceph_release not in release.ceph:
        reason = f"Proxmox VE {release.pve} has no packages of Ceph {desired.ceph_release}."
        refusals.append(Refusal(reason, f"It offers {' and '.join(release.ceph)}."))
    if desired.ceph_channel not in release.ceph_components:
        reason = f"Proxmox VE {release.pve} has no {desired.ceph_channel} repository of Ceph."
        refusals.append(Refusal(reason, f"Set ceph_repository to {' or '.join(release.ceph_components)}."))
    return tuple(refusals)


def _refuse_malformed(observed: ObservedRepositories) -> tuple[Refusal, ...]:
    """apt reads no file at all while there is one that it does not understand."""
    return tuple(
        Refusal(
            f"apt cannot read {file.path}, {file.malformed}.", "Correct the entry or remove it; then run this again."
        )
        for file in observed.files
        if file.malformed
    )


def _refuse_mixed(files: tuple[SourcesFile, ...], release: Release) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(
            f"{file.path}, line {source.line}, mixes {_listed(source, release.codename)} into"
            f" {release.codename}: {source.quote}",
            "Remove the entry, or name the node's own release there; a mix breaks the node at the next upgrade.",
        )
        for file in files
        for source in file.sources
        if source.enabled and foreign_suites(source, release.codename)
    )


def _listed(source: Source, codename: str) -> str:
    """The suites of another release, with its name where they do not say it."""
    named = {suite: "/".join(sorted(codenames_of(source, suite))) for suite in foreign_suites(source, codename)}
    return ", ".join(suite if suite.startswith(name) else f"{suite} ({name})" for suite, name in named.items())


def _warn_security(files: tuple[SourcesFile, ...], release: Release) -> tuple[str, ...]:
    enabled = [source for file in files for source in file.sources if source.enabled]
    if any(gives_security(source, release) for source in enabled):
        return ()
    return (f"This node gets no security updates from Debian: no repository has {release.security_suite}.",)


def _warn_combined(desired: DesiredRepositories, observed: ObservedRepositories) -> tuple[str, ...]:
    if desired.debian_url is None:
        return ()
    return tuple(
        f"{file.path}, line {source.line}, has the security suite and others at one URL, and is left as it is:"
        f" split the entry so that debian_url can be used. {source.quote}"
        for file in observed.files
        for source in file.sources
        if source.enabled and is_debian(source) and len({is_security(suite) for suite in source.suites}) > 1
    )


def _document(files: tuple[SourcesFile, ...]) -> dict[str, Any]:
    """File → its entries, for the diff."""
    return {file.path: [f"{'' if source.enabled else '# '}{source.quote}" for source in file.sources] for file in files}
