# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which entries of apt's sources are added, switched on and off, so that one declaration holds.

Nothing is deleted that came with a package or that somebody else wrote: it is switched off where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import Invalid
from ..model.apt import list_name, update
from ..model.apt_sources import Source, SourcesFile, switched, with_uris
from ..model.plan import Download, Plan, Refusal, RemoveFile, Step, WriteFile
from ..model.release import ENTERPRISE, Release, release_of, supported
from ..model.repositories import (
    PROXMOX_URL,
    PROXY_FILE,
    Repositories,
    RepositoriesObserved,
    Wanted,
    ceph_path,
    enterprise_entry,
    enterprise_path,
    foreign_suites,
    index_names,
    is_ceph,
    is_debian,
    is_enterprise,
    is_pve,
    proxmox_path,
    targets,
    wanted_entries,
)

_URL_OPTIONS = ("proxmox_url", "enterprise_url", "debian_url", "debian_security_url", "keyring_url", "proxy")


def desired_from(params: Mapping[str, Any]) -> Repositories:
    """Module parameters → desired state."""
    urls = {name: (params[name] or "").rstrip("/") for name in _URL_OPTIONS}
    for name, url in urls.items():
        if url and not url.startswith(("http://", "https://")):
            raise Invalid(f"{name} is {url!r}, which is no URL of a web server.", "It begins with http:// or https://.")
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise Invalid(
                f"{name} holds a user name or password, which everybody on the node could read.",
                "Put it into a file in /etc/apt/auth.conf.d that only root may read.",
            )
    if urls["debian_security_url"] and not urls["debian_url"]:
        raise Invalid("debian_security_url is set without debian_url.", "Set both, or only debian_url.")
    return Repositories(
        channel=params["subscription"],
        ceph_release=params["ceph_release"] or None,
        ceph_channel=params["ceph_repository"] or params["subscription"],
        proxmox_url=urls["proxmox_url"],
        enterprise_url=urls["enterprise_url"],
        debian_url=urls["debian_url"] or None,
        debian_security_url=urls["debian_security_url"] or _security_beside(urls["debian_url"]),
        proxy=urls["proxy"] or None,
        keyring_url=urls["keyring_url"] or None,
        keyring_sha256=(params["keyring_sha256"] or "").lower() or None,
    )


def _security_beside(debian_url: str) -> Optional[str]:
    """Mirrors carry Debian's security archive beside its main archive."""
    return f"{debian_url}-security" if debian_url else None


def decide(desired: Repositories, observed: RepositoriesObserved) -> Plan:
    release = release_of(observed.codename)
    if release is None:
        found = observed.codename or "without a codename"
        return Plan(refusals=(Refusal(f"This node runs Debian {found}.", f"Supported are {supported()}."),))
    files = _edited(desired, observed, release)
    steps = (
        *_proxy(desired, observed),
        *_keyring(desired, observed, release),
        *_written(observed, files),
    )
    if steps or _lists_missing(observed, files):
        steps += (Step("read the package lists (apt-get update)", update()),)
    return Plan(
        steps=steps,
        refusals=(*_refuse_ceph(desired, release), *_refuse_mixed(observed, release)),
        warnings=(*_warn_security(files, release), *_warn_combined(desired, observed)),
        before=_document(observed.files),
        after=_document(files),
    )


def _edited(desired: Repositories, observed: RepositoriesObserved, release: Release) -> tuple[SourcesFile, ...]:
    """All files as they should be, new ones at the end."""
    wanted = wanted_entries(desired, release)
    files = tuple(_retired(desired, release, wanted, file) for file in observed.files)
    files = tuple(_mirrored(desired, file) for file in files)
    for entry in wanted:
        files = _provided(files, entry)
    return _forestalled(desired, observed, release, files)


def _retired(desired: Repositories, release: Release, wanted: tuple[Wanted, ...], file: SourcesFile) -> SourcesFile:
    """Entries of Proxmox that are not wanted: dropped from the files for our own entries, else switched off."""
    allowed = frozenset().union(*(targets(entry.source) for entry in wanted))

    def change(source: Source) -> Optional[Source]:
        if not source.enabled or not _ours_to_judge(desired, source) or targets(source) <= allowed:
            return source
        if file.path in (proxmox_path(release), ceph_path(release)) and not is_enterprise(source):
            return None
        return switched(source, file.deb822, enabled=False)

    return file.map(change)


def _ours_to_judge(desired: Repositories, source: Source) -> bool:
    """Without a declared Ceph release, only Ceph's enterprise entries matter (they break every update)."""
    if is_ceph(source) and desired.ceph_release is None:
        return is_enterprise(source) and desired.channel != ENTERPRISE
    return is_pve(source) or is_ceph(source)


def _mirrored(desired: Repositories, file: SourcesFile) -> SourcesFile:
    """Debian's own entries with the URL of the mirror; which suites they have stays as it is."""

    def change(source: Source) -> Source:
        security = {_is_security(suite) for suite in source.suites}
        if not source.enabled or not is_debian(source) or len(security) > 1:
            return source  # _warn_combined names an entry that has both kinds of suites
        url = desired.debian_security_url if True in security else desired.debian_url
        if url is None or tuple(uri.rstrip("/") for uri in source.uris) == (url,):
            return source
        return with_uris(source, file.deb822, (url,))

    return file.map(change)


def _provided(files: tuple[SourcesFile, ...], entry: Wanted) -> tuple[SourcesFile, ...]:
    """The entry in force: where it is already, else switched on where it is off, else added to its own file."""
    needed = targets(entry.source)
    present = [
        source for file in files for source in file.sources if "deb" in source.types and needed <= targets(source)
    ]
    if any(source.enabled for source in present):
        return files
    off = next((source for source in present if _same(source, entry.source)), None)
    if off is not None:
        return tuple(_switched_on(file, off) for file in files)
    if all(file.path != entry.path for file in files):
        files += (SourcesFile(entry.path),)
    return tuple(file.appended(entry.source) if file.path == entry.path else file for file in files)


def _same(source: Source, other: Source) -> bool:
    return targets(source) == targets(other) and source.signed_by == other.signed_by


def _switched_on(file: SourcesFile, off: Source) -> SourcesFile:
    return file.map(lambda source: switched(source, file.deb822, enabled=True) if source is off else source)


def _forestalled(
    desired: Repositories, observed: RepositoriesObserved, release: Release, files: tuple[SourcesFile, ...]
) -> tuple[SourcesFile, ...]:
    """Before pve-manager comes, its enterprise entry is put there switched off.

    The package brings it as a configuration file, switched on; dpkg keeps one that is there already. So there is
    no moment in which an update would fail for want of a subscription.
    """
    path = enterprise_path(release)
    if desired.channel == ENTERPRISE or observed.shipped or any(file.path == path for file in files):
        return files
    file = SourcesFile(path)
    off = switched(enterprise_entry(release, desired.enterprise_url), file.deb822, enabled=False)
    return (*files, file.appended(off))


def _proxy(desired: Repositories, observed: RepositoriesObserved) -> tuple[Step, ...]:
    if desired.proxy is None:
        why = f"remove {PROXY_FILE}: no proxy is declared"
        return () if observed.proxy is None else (Step(why, RemoveFile(PROXY_FILE)),)
    text = "".join(f'Acquire::{scheme}::Proxy "{desired.proxy}";\n' for scheme in ("http", "https"))
    if observed.proxy == text:
        return ()
    return (Step(f"let apt use the proxy {desired.proxy}", WriteFile(PROXY_FILE, text)),)


def _keyring(desired: Repositories, observed: RepositoriesObserved, release: Release) -> tuple[Step, ...]:
    """The pinned key; once the package owns the file, it brings new keys itself: then any content will do."""
    sha256 = desired.keyring_sha256 or release.keyring_sha256
    left_to_package = observed.keyring_owned and observed.keyring_sha256 is not None
    if left_to_package or observed.keyring_sha256 == sha256:
        return ()
    base = desired.enterprise_url if desired.proxmox_url == PROXMOX_URL else desired.proxmox_url
    url = desired.keyring_url or f"{base}/debian/{release.keyring_name}"
    action = Download(url, release.keyring_path, sha256, proxy=desired.proxy or "")
    hint = "The key of a mirror of your own is named by keyring_url and keyring_sha256."
    return (Step(f"fetch the repository key {url} (SHA-256 {sha256})", action, hint=hint),)


def _written(observed: RepositoriesObserved, files: tuple[SourcesFile, ...]) -> tuple[Step, ...]:
    before = {file.path: file for file in observed.files}
    steps = []
    for file in files:
        old = before.get(file.path)
        if old is None or old.text != file.text:
            why = f"{'write' if old is None else 'change'} {file.path}: {_summary(old, file)}"
            steps.append(Step(why, WriteFile(file.path, file.text)))
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


def _lists_missing(observed: RepositoriesObserved, files: tuple[SourcesFile, ...]) -> bool:
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


def _refuse_ceph(desired: Repositories, release: Release) -> tuple[Refusal, ...]:
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


def _refuse_mixed(observed: RepositoriesObserved, release: Release) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(
            f"{file.path}, line {source.line}, mixes {', '.join(foreign_suites(source, release.codename))} into"
            f" {release.codename}: {source.quote}",
            "Remove the entry, or name the node's own release there; a mix breaks the node at the next upgrade.",
        )
        for file in observed.files
        for source in file.sources
        if source.enabled and foreign_suites(source, release.codename)
    )


def _warn_security(files: tuple[SourcesFile, ...], release: Release) -> tuple[str, ...]:
    enabled = [source for file in files for source in file.sources if source.enabled]
    if any(release.security_suite in source.suites for source in enabled):
        return ()
    return (f"No repository gives this node Debian's security updates: {release.security_suite} is in no entry.",)


def _warn_combined(desired: Repositories, observed: RepositoriesObserved) -> tuple[str, ...]:
    if desired.debian_url is None:
        return ()
    return tuple(
        f"{file.path}, line {source.line}, has the security suite and others at one URL, and is left alone:"
        f" split it so that debian_url can be used. {source.quote}"
        for file in observed.files
        for source in file.sources
        if source.enabled and is_debian(source) and len({_is_security(suite) for suite in source.suites}) > 1
    )


def _is_security(suite: str) -> bool:
    return suite.endswith("-security")


def _document(files: tuple[SourcesFile, ...]) -> dict[str, Any]:
    """File → its entries, for the diff."""
    return {file.path: [f"{'' if source.enabled else '# '}{source.quote}" for source in file.sources] for file in files}
