# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one table of a report's texts, in each of its languages.

What others have written stays as they wrote it: names, Ceph's messages, steps of a plan, commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from . import sentences, sentences_losses

#: The sentences about losses, in Chinese.
SENTENCES: Mapping[str, str] = {**sentences.ZH, **sentences_losses.ZH}
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

#: Text → English, Chinese. The names in braces are facts of the finding.
WORDS: Mapping[str, tuple[str, str]] = {
    # The page
    "title": ("{site}: report", "{site}：报告"),
    "read_at": ("Read at", "读取时间"),
    "skip": ("Skip to the content", "跳到正文"),
    "contents": ("Contents", "目录"),
    "unknown": ("unknown", "未知"),
    "none": ("none", "无"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "part_unknown": ("This is not all: some did not answer.", "以下不完整：有的没有回答。"),
    "all_unknown": ("Nobody could tell. This does not mean that all is well.", "无人能回答。这不表示一切正常。"),
    "nothing_here": ("There is none.", "没有。"),
    "footer": (
        "Made by baremetal.virt; nothing was changed. It names machines, addresses and versions: keep it to yourself.",
        "由 baremetal.virt 生成，未作任何改动。其中有机器名、地址和版本，请勿外传。",
    ),
    # The head
    "verdict.wrong": ("{number} things are wrong", "有 {number} 处故障"),
    "verdict.wrong_1": ("One thing is wrong", "有 1 处故障"),
    "verdict.unknown": ("Nothing wrong was seen, but not all could be asked", "未发现故障，但有的无法查询"),
    "verdict.warning": ("It works; {number} things want attention", "运行正常；有 {number} 处需要注意"),
    "verdict.warning_1": ("It works; one thing wants attention", "运行正常；有 1 处需要注意"),
    "verdict.fine": ("All that was asked is well", "查询到的一切正常"),
    "asked": ("Asked", "查询了"),
    "answers": ("yes", "有回答"),
    "answers_not": ("no answer", "没有回答"),
    "no_web": ("ssh only", "仅 ssh 有回答"),
    # Levels
    "level.wrong": ("WRONG", "故障"),
    "level.unknown": ("UNKNOWN", "未知"),
    "level.warning": ("ATTENTION", "注意"),
    "level.safe": ("SAFE", "安全"),
    "level.do": ("DO", "要做"),
    "level.not": ("NOT", "不要"),
    # Sections
    "section.now": ("What is wrong, and what to do", "故障与对策"),
    "section.changes": ("What has changed", "变化"),
    "section.cluster": ("Cluster and quorum", "集群与法定票数"),
    "section.links": ("Links", "链路"),
    "section.health": ("Health of Ceph", "Ceph 健康状况"),
    "section.disks": ("Disks and OSDs", "磁盘与 OSD"),
    "section.pools": ("Pools", "存储池"),
    "section.storages": ("Storages", "存储"),
    "section.guests": ("Guests", "虚拟机与容器"),
    "section.versions": ("Versions and updates", "版本与更新"),
    "section.certificates": ("Certificates", "证书"),
    "section.losses": ("What if", "如果失去"),
    "section.drift": ("What site.yml would do", "site.yml 将做什么"),
    # Columns
    "node": ("Node", "节点"),
    "state": ("State", "状态"),
    "votes": ("Votes", "票数"),
    "quorum": ("Quorum", "法定票数"),
    "sees": ("Sees", "看到"),
    "web": ("Web interface", "网页界面"),
    "services_off": ("Services that do not run", "未运行的服务"),
    "from": ("From", "从"),
    "to": ("To", "到"),
    "link": ("Link", "链路"),
    "latency": ("Latency", "延迟"),
    "mtu": ("MTU", "MTU"),
    "addresses": ("Addresses", "地址"),
    "code": ("Code", "代码"),
    "severity": ("Severity", "级别"),
    "message": ("Message", "消息"),
    "meaning": ("Meaning", "含义"),
    "disk": ("Disk", "磁盘"),
    "model": ("Model", "型号"),
    "serial": ("Serial", "序列号"),
    "size": ("Size", "容量"),
    "used_as": ("Used as", "用途"),
    "osds": ("OSDs", "OSD"),
    "fill": ("Full", "已用"),
    "pool": ("Pool", "存储池"),
    "copies": ("Copies", "副本"),
    "pg_num": ("pg_num", "pg_num"),
    "pg_rule": ("Rule", "规则"),
    "crush_rule": ("CRUSH rule", "CRUSH 规则"),
    "groups": ("Groups clean", "完好的组"),
    "data": ("Data", "数据"),
    "storage": ("Storage", "存储"),
    "type": ("Type", "类型"),
    "served_by": ("Served by", "提供者"),
    "active_on": ("Active on", "可用于"),
    "inactive_on": ("Not active on", "不可用于"),
    "vmid": ("VMID", "VMID"),
    "name": ("Name", "名称"),
    "kind": ("Kind", "类别"),
    "runs": ("Runs", "运行"),
    "ha": ("HA", "HA"),
    "storages_used": ("Storages", "存储"),
    "owner": ("Owner", "所有者"),
    "ends": ("Last day", "最后一天"),
    "quota": ("Quota of the owner", "所有者的配额"),
    "last_start": ("Last start", "最近一次启动"),
    "given_back": ("given back", "已归还"),
    "owners_of": ("{owners} owners, {guests} guests", "{owners} 位所有者，{guests} 台虚拟机或容器"),
    "pve": ("Proxmox VE", "Proxmox VE"),
    "ceph": ("Ceph", "Ceph"),
    "kernel": ("Kernel", "内核"),
    "pending": ("Pending updates", "待装更新"),
    "lists_age": ("Lists fetched", "列表获取于"),
    "certificate": ("Certificate", "证书"),
    "issuer": ("Issuer", "签发者"),
    "expires": ("Expires", "到期"),
    "package": ("Package", "软件包"),
    "installed": ("Installed", "已装"),
    "available": ("Available", "可用"),
    "lost": ("If this is lost now", "若现在失去"),
    "subject": ("Subject", "对象"),
    "step": ("Step", "步骤"),
    "topic.votes": ("Votes", "票数"),
    "topic.data": ("Data", "数据"),
    "topic.daemons": ("Daemons", "守护进程"),
    "topic.guests": ("Guests", "虚拟机与容器"),
    "topic.storages": ("Storages", "存储"),
    "topic.links": ("Links", "链路"),
    "kind.node": ("A node", "一个节点"),
    "kind.pair": ("Two at once", "同时两个"),
    "kind.device": ("The quorum device", "仲裁设备"),
    "kind.disk": ("A disk", "一块磁盘"),
    "kind.osd": ("An OSD", "一个 OSD"),
    "kind.link": ("A link", "一条链路"),
    "kind.node link": ("A link of a node", "一个节点的一条链路"),
    # Values
    "state.up": ("up", "通"),
    "state.down": ("DOWN", "断"),
    "state.unknown": ("unknown", "未知"),
    "state.silent": ("silent", "无应答"),
    "state.member": ("member", "成员"),
    "state.alone": ("no member", "非成员"),
    "loss.fine": ("goes on", "继续"),
    "loss.degraded": ("goes on, with less", "继续，但有降级"),
    "loss.unknown": ("unknown", "未知"),
    "loss.stops": ("STOPS", "停止"),
    "loss.lost": ("LOST", "丢失"),
    "at_once": ("At once", "立即"),
    "later": ("After minutes", "数分钟后"),
    "for_good": ("If it never returns", "若不再回来"),
    "quorate": ("{votes} of {expected} votes, quorate", "{expected} 票中有 {votes} 票，达到法定票数"),
    "not_quorate": (
        "NO: {votes} of {expected} votes, {needed} are needed",
        "否：{expected} 票中有 {votes} 票，需要 {needed} 票",
    ),
    "days": ("{days} days", "{days} 天"),
    "days_ago": ("{days} d ago", "{days} 天前"),
    "pending_of": ("{pending} ({security} for security)", "{pending}（其中安全更新 {security}）"),
    "reboot": ("{kernel}; {newest} waits for a reboot", "{kernel}；{newest} 待重启"),
    "autoscaler.on": ("the autoscaler decides", "由自动伸缩决定"),
    "autoscaler.warn": ("chosen; the autoscaler only warns", "人工选定；自动伸缩仅警告"),
    "autoscaler.off": ("chosen; the autoscaler is off", "人工选定；自动伸缩已关"),
    "rule_alone": ("alone on its OSDs it would get {calculated}: {reason}", "若独占其 OSD 应为 {calculated}：{reason}"),
    "local": ("each node itself", "各节点自己"),
    "own_ceph": ("Ceph of this cluster", "本集群的 Ceph"),
    "outside": ("{name}, outside of the cluster", "{name}（集群之外）"),
    "empty_disk": ("empty", "空"),
    "losses_note": (
        "Computed from this reading, not tried. What is not known is never called safe.",
        "由本次读取计算得出，未经试验。未知的绝不称为安全。",
    ),
    "osds_elsewhere": ("OSDs whose disk was not seen", "未见其磁盘的 OSD"),
    "authority": ("authority of the cluster", "集群的证书颁发机构"),
    "destroys": ("DESTROYS DATA", "销毁数据"),
    "if_needed": ("only if needed", "仅在需要时"),
    "picture_links": ("Map of the links; the table below has the same facts", "链路图；下表内容相同"),
    "picture_disks": ("The disks of each node; the table below has the same facts", "各节点的磁盘；下表内容相同"),
    "drift.nothing": ("Nothing: the nodes are as the inventory wants them.", "什么也不做：节点与清单一致。"),
    "drift.refused": ("It would refuse, and change nothing:", "它会拒绝，不作任何改动："),
    "drift.unknown": ("Not known: {why}", "未知：{why}"),
    "drift.asked_not": ("It was not asked.", "没有查询。"),
    "drift.silent": ("Not all nodes answer, or the cluster or Ceph does not.", "有节点、集群或 Ceph 没有回答。"),
    "drift.failed": ("Planning ended with an error: {text}", "制定计划时出错：{text}"),
    "changes.none": (
        "Nothing that this report shows has changed since {since}.",
        "自 {since} 以来，本报告所示内容没有变化。",
    ),
    "changes.since": ("Since {since}", "自 {since} 以来"),
    "change.added": ("new", "新增"),
    "change.removed": ("gone", "消失"),
    "change.changed": ("changed", "改变"),
    "was": ("Before", "之前"),
    "is": ("Now", "现在"),
    "what": ("What", "内容"),
    # Findings
    "node.silent": ("{node} does not answer: {why}", "{node} 没有回答：{why}"),
    "node.unlisted": (
        "{node} is a member of the cluster and not in the inventory, so it was not asked.",
        "{node} 是集群成员，但不在清单中，因此没有查询。",
    ),
    "node.reset": (
        "{node} will be reset by its watchdog within {seconds} seconds, as its LRM is armed; these guests stop: "
        "{guests}.",
        "{node} 将在 {seconds} 秒内被其看门狗重置，因为其 LRM 已武装；这些虚拟机将停止：{guests}。",
    ),
    "node.reset_empty": (
        "{node} will be reset by its watchdog within {seconds} seconds, as its LRM is armed; no guest runs there.",
        "{node} 将在 {seconds} 秒内被其看门狗重置，因为其 LRM 已武装；那里没有虚拟机在运行。",
    ),
    "node.reset_blind": (
        "{node} will be reset by its watchdog within {seconds} seconds, as its LRM is armed, with all guests that run "
        "there; which these are is not known: {why}.",
        "{node} 将在 {seconds} 秒内被其看门狗重置，因为其 LRM 已武装；那里运行的虚拟机都将停止，是哪些未知：{why}。",
    ),
    "node.reset_unknown": (
        "Whether {node} will be reset by its watchdog is not known: {why}.",
        "{node} 是否会被其看门狗重置未知：{why}。",
    ),
    "port.dark": ("The port {port} of {node} has no carrier.", "{node} 的网口 {port} 没有载波。"),
    "port.dark_link": (
        "The port {port} of {node} has no carrier ({link}).",
        "{node} 的网口 {port} 没有载波（{link}）。",
    ),
    "nodes.hidden": (
        "Whether {nodes} are off, or are the cluster: they are silent on all addresses, as seen from here.",
        "{nodes} 是已关机，还是它们才是集群：从这里看，它们在所有地址上都无应答。",
    ),
    "guests.hidden": (
        "Whether the guests {guests} run: they may run on the other side.",
        "虚拟机 {guests} 是否在运行：它们可能在另一侧运行。",
    ),
    "guests.unknown": (
        "Which guests there are, and which run, no node tells; {node}: {why}",
        "有哪些虚拟机、哪些在运行，没有节点能告知；{node}：{why}",
    ),
    "amiss": ("{text}", "{text}"),
    "mend.web.silent": ("Start the web interface of {node} again.", "重新启动 {node} 的网页界面。"),
    "mend.service.down": ("Start {service} on {node} again.", "重新启动 {node} 上的 {service}。"),
    "mend.packages.unfinished": ("Finish the installation on {node}.", "完成 {node} 上的安装。"),
    "mend.certificate.expired": ("Make a new certificate on {node}.", "在 {node} 上制作新证书。"),
    "mend.updates.stale": ("Fetch the package lists of {node}.", "获取 {node} 的软件包列表。"),
    "on_node": ("on {node}", "在 {node} 上"),
    "verdict_of.right": ("When", "何时"),
    "verdict_of.only if": ("Only if", "仅当"),
    "verdict_of.refused": ("It is refused", "会被拒绝"),
    "verdict_of.never": ("Because", "因为"),
    "web.silent": (
        "{node} answers to ssh, but nobody answers on its port 8006: pveproxy does not serve.",
        "{node} 可经 ssh 访问，但其 8006 端口无应答：pveproxy 没有提供服务。",
    ),
    "service.down": ("{service} does not run on {node} ({state}).", "{node} 上的 {service} 没有运行（{state}）。"),
    "services.unknown": (
        "systemd did not tell which services run on {nodes}.",
        "systemd 没有告知 {nodes} 上运行哪些服务。",
    ),
    "pmxcfs.silent": (
        "/etc/pve of {node} cannot be read, so {node} knows nothing of its cluster: {why}",
        "{node} 的 /etc/pve 无法读取，因此 {node} 对集群一无所知：{why}",
    ),
    "cluster.untold": (
        "{node} did not tell of its cluster: {why}",
        "{node} 没有告知其集群的情况：{why}",
    ),
    "quorum.lost": (
        "{node} has no quorum: {votes} of {expected} votes, {needed} are needed; it sees {sees}. Nothing can be "
        "started, changed or moved there.",
        "{node} 没有法定票数：{expected} 票中有 {votes} 票，需要 {needed} 票；它看到 {sees}。那里不能启动、更改或"
        "迁移任何东西。",
    ),
    "quorum.split": (
        "TWO CLUSTERS: parts that do not see each other have quorum at the same time: {parts}. Both may run the "
        "same guests.",
        "两个集群：互不可见的部分同时拥有法定票数：{parts}。它们可能运行相同的虚拟机。",
    ),
    "quorum.changing": (
        "Which members have quorum: the nodes tell of different ones, as they were read while these changed. Ask again "
        "in a minute.",
        "哪些成员拥有法定票数：读取时成员正在变化，各节点说法不同。请一分钟后再查。",
    ),
    "quorum.doubtful": (
        "Whether {node} still has quorum: it counts {others}, which none of its links reaches. Ask again in a minute.",
        "{node} 是否仍有法定票数：它计入了 {others}，但其链路都无法到达。请一分钟后再查。",
    ),
    "quorum.unknown": ("No node tells whether there is quorum.", "没有节点能告知是否有法定票数。"),
    "link.dead": (
        "{link} connects no two of {nodes}, though corosync runs on all of them. Look at what they share: its switch, "
        "its VLAN, its MTU.",
        "{link} 无法连通 {nodes} 中的任何两个节点，尽管它们都运行着 corosync。请检查它们共用的交换机、VLAN 和 MTU。",
    ),
    "link.cut": (
        "{link} of {node} reaches no other node, and none reaches it, though corosync runs there.",
        "{node} 的 {link} 与其他节点互不可达，尽管该节点运行着 corosync。",
    ),
    "link.down": (
        "{link} of {node} does not reach {others}, though corosync runs on both sides.",
        "{node} 的 {link} 无法到达 {others}，尽管两侧都运行着 corosync。",
    ),
    "ceph.silent": ("Ceph does not answer: {why}", "Ceph 没有回答：{why}"),
    "ceph.untold": (
        "Whether there is a Ceph, and how it is, nobody tells: {why}",
        "是否有 Ceph 以及其状况，无人能告知：{why}",
    ),
    "ceph.numbers": (
        "How Ceph's data is, nobody tells, as no manager answers: {why}. Whatever `ceph status` repeats is old.",
        "没有管理守护进程应答，无人能告知 Ceph 数据的状况：{why}。`ceph status` 重复的内容是旧的。",
    ),
    "ceph.monitors": (
        "Monitors are missing: {names}. {left} of {all} take part.",
        "缺少监视器：{names}。{all} 个中有 {left} 个参与。",
    ),
    "ceph.stands": (
        "{groups} of {all} placement groups cannot be read or written: whoever uses them hangs.",
        "{all} 个归置组中有 {groups} 个无法读写：使用者会挂起。",
    ),
    "ceph.unfound": ("{objects} objects are on no OSD that is up.", "有 {objects} 个对象不在任何在线的 OSD 上。"),
    "ceph.check": ("{code}: {message}", "{code}：{message}"),
    "osd.down": ("osd.{osd} of {node} is down.", "{node} 的 osd.{osd} 已停止。"),
    "osd.down_somewhere": (
        "osd.{osd} is down; on which node it is, nobody tells.",
        "osd.{osd} 已停止；它在哪个节点上，无人能告知。",
    ),
    "osd.silent": (
        "Whether {osds} of {node} run: Ceph calls them up, and {node} does not answer. It may not have noticed yet.",
        "{node} 的 {osds} 是否在运行：Ceph 称其在线，但 {node} 没有回答。Ceph 可能尚未察觉。",
    ),
    "storage.inactive": ("The storage {storage} is not active on {nodes}.", "存储 {storage} 在 {nodes} 上不可用。"),
    "packages.unfinished": (
        "Packages of {node} are half installed: {packages}.",
        "{node} 的软件包只装了一半：{packages}。",
    ),
    "kernel.old": (
        "{node} runs the kernel {kernel}; {newest} is installed and waits for a reboot.",
        "{node} 运行内核 {kernel}；已安装 {newest}，待重启。",
    ),
    "kernel.foreign": (
        "{node} runs the kernel {kernel}; no kernel of Proxmox VE is installed.",
        "{node} 运行内核 {kernel}；未安装 Proxmox VE 的内核。",
    ),
    "updates.security": ("{number} security updates wait for {node}.", "{node} 有 {number} 个安全更新待装。"),
    "updates.stale": (
        "{node} fetched its package lists {days} days ago; what is pending since then is not known.",
        "{node} 在 {days} 天前获取软件包列表；此后的更新未知。",
    ),
    "versions.differ": (
        "The nodes have different versions of Proxmox VE: {versions}.",
        "各节点的 Proxmox VE 版本不同：{versions}。",
    ),
    "certificate.expired": ("The certificate {path} expired on {date}.", "证书 {path} 已于 {date} 到期。"),
    "certificate.expires": (
        "The certificate {path} expires in {days} days, on {date}.",
        "证书 {path} 将在 {days} 天后（{date}）到期。",
    ),
}


def say(language: Language, name: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a finding, or any other text. Facts are put in as they are."""
    return WORDS[name][LANGUAGES.index(language)].format(**facts)


def said(report: Mapping[str, Any], language: Language, text: str) -> str:
    """A text of the report in this language: one that was made from a template is made anew, part by part; what others
    have written stays as it is."""
    made = report["phrases"].get(text)
    if language == "en" or made is None:
        return text
    facts = {name: said(report, language, one) if isinstance(one, str) else one for name, one in made["facts"].items()}
    template = str(made["template"])
    return SENTENCES.get(template, template).format(**facts)


def finding(report: Mapping[str, Any], language: Language, one: Mapping[str, Any]) -> str:
    """The sentence of a finding, or of a piece of advice that has an id."""
    facts = {
        name: said(report, language, fact) if isinstance(fact, str) else fact for name, fact in one["facts"].items()
    }
    return say(language, one["id"], facts)
