# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said about losses, and advised in a bad night, in Chinese: template in English → template in Chinese.

The templates stand where they are filled in, in ``site/losses``; a test finds those that are missing here, or left.
"""

from __future__ import annotations

from collections.abc import Mapping

ZH: Mapping[str, str] = {
    # Lists, times, parts of sentences
    "{names} and {name}": "{names}和{name}",
    "{names} or {name}": "{names}或{name}",
    "{one}, {more}": "{one}、{more}",
    "{one}; {more}": "{one}；{more}",
    "{one} {more}": "{one}{more}",
    "{one}; that {more}": "{one}；后者{more}",
    "{shown}.": "{clause}。",
    "{time:.0f} s": "{time:.0f} 秒",
    "{time:.0f} min": "{time:.0f} 分钟",
    "{time:.0f} h": "{time:.0f} 小时",
    "{name}: {why}": "{name}：{why}",
    "{storage}: {why}": "{storage}：{why}",
    "{state}: {word}": "{state}：{word}",
    "{text}: {numbers}": "{text}：{numbers}",
    " ({link})": "（{link}）",
    " ({network})": "（{network}）",
    " ({device})": "（{device}）",
    "{guest} on {node}": "{node} 上的 {guest}",
    "{one} and {other}": "{one}和{other}",
    "{link} of {node}": "{node} 的 {link}",
    "{path} of {node}": "{node} 的 {path}",
    "{path} of {node} (serial {serial})": "{node} 的 {path}（序列号 {serial}）",
    "quorum device": "仲裁设备",
    "unknown": "未知",
    "degraded": "降级",
    "stops": "停止",
    "lost": "丢失",
    "untouched": "不受影响",
    "the others": "其他监视器",
    "a node": "某个节点",
    "any node": "任何节点",
    "too few": "数量不足",
    "nobody known": "未知者",
    "pieces": "分片",
    "copies": "副本",
    "places": "位置",
    "OSDs": "OSD",
    "{kind}s": "{kind}",
    # Who did not answer
    "not asked": "没有查询",
    "it has none": "它没有",
    "no node answered": "没有节点回答",
    "no node told of its corosync.conf": "没有节点告知其 corosync.conf",
    "no node with a monitor answered": "没有带监视器的节点回答",
    "no ceph.conf names monitors": "没有 ceph.conf 列出监视器",
    "no node told of the guests": "没有节点告知有哪些虚拟机",
    "no node told of the servers that it uses": "没有节点告知它使用的服务器",
    "no node told what names it knows": "没有节点告知它知道的名称",
    "the configuration of {vmids} was not read": "没有读到 {vmids} 的配置",
    # Addresses
    "the addresses of {name} are not known": "{name} 的地址未知",
    "the addresses of {guest} are not known": "{guest} 的地址未知",
    "the address of {server} is not known": "{server} 的地址未知",
    "which guests there are is not known ({server})": "有哪些虚拟机未知（{server}）",
    # Where we stand
    "what the disks hold: it is not touched by waiting": "磁盘上的数据：等待不会影响它",
    "guest {vmid} runs on: its disks are on {name}, which is not reset": (
        "虚拟机 {vmid} 继续运行：其磁盘在 {name} 上，该节点不会被重置"
    ),
    # What to do about the cluster
    "always: nothing is lost by it; a majority comes back by itself": "随时可做：不会有损失；多数会自行恢复",
    "plug in {port} of {name}{link}": "插好 {name} 的 {port}{link}",
    "look at the switch of {others}": "查看 {others} 的交换机",
    "look at corosync on {names}, which is not seen": "检查 {names} 上的 corosync，它不被看到",
    "always: they answer, so they are not off": "随时可做：它们有应答，并未关机",
    "{names} answer, so they are not off: two clusters would write the same disks": (
        "{names} 有应答，并未关机：两个集群会写同一批磁盘"
    ),
    "look at the consoles or the BMC of {names}": "查看 {names} 的控制台或 BMC",
    "switch {names} on, if off": "若 {names} 已关机，则开机",
    "pvecm expected {votes}": "pvecm expected {votes}",
    "pvecm expected 1": "pvecm expected 1",
    "{names} are seen to be off for good, or were powered off by hand; if they still form a majority, two clusters"
    " write the same disks": ("确实看到 {names} 已永久关机，或已手动断电；若它们仍构成多数，两个集群会写同样的磁盘"),
    "refused: {votes} votes are present": "会被拒绝：现有 {votes} 票",
    "remove {name} from the cluster": "将 {name} 移出集群",
    "only after quorum, and ": "仅在有法定票数之后，且",
    "{after}only when {name} never comes back with its old disks": "{after}仅当 {name} 不再带着旧磁盘回来",
    "{tool} start {vmid} on {target}": "在 {target} 上执行 {tool} start {vmid}",
    "no quorum: nothing starts": "没有法定票数：什么也启动不了",
    "with quorum only if {node} is certainly off, and HA is not in charge of {vmid} or it is disabled there": (
        "有法定票数时，仅当 {node} 确已关机，且 HA 不管理 {vmid} 或已在 HA 中停用它"
    ),
    "move the configuration of {vmid}": "移动 {vmid} 的配置",
    "/etc/pve is read-only; {rule}": "/etc/pve 只读；{rule}",
    "nothing: the CRM starts it elsewhere about 2 min after the loss": (
        "什么也不做：丢失约 2 分钟后 CRM 会在别处启动它"
    ),
    "frozen: {node} comes back, or its services are set disabled and moved": (
        "若被冻结：等 {node} 回来，或停用其服务后再移动"
    ),
    "start {vmid} elsewhere by hand": "手动在别处启动 {vmid}",
    "HA is in charge of it; {wait}; {frozen}": "由 HA 管理；{wait}；{frozen}",
    "its disks ({local}) are on {node} alone": "其磁盘（{local}）只在 {node} 上",
    "if it runs there, two writers destroy its disks": "若它仍在那里运行，两个写入者会毁坏其磁盘",
    "{node} is certainly off (powered off, or fenced), and the disks of {vmid} are reachable; {risk}": (
        "{node} 确已关机（断电或被隔离），且 {vmid} 的磁盘可达；{risk}"
    ),
    "start {vmid} on {target}": "在 {target} 上启动 {vmid}",
    "kill or start kvm by hand with a disk on shared storage": "手动结束或启动磁盘在共享存储上的 kvm",
    "two writers destroy the disk": "两个写入者会毁坏磁盘",
    "restart corosync or pve-cluster on {names}": "在 {names} 上重启 corosync 或 pve-cluster",
    "expected votes fall back to the file; {reset}": "期望票数会退回到文件中的值；{reset}",
    "an armed LRM lets the watchdog reset {names}": "已武装的 LRM 会让看门狗重置 {names}",
    "nothing is gained by it": "这样做没有好处",
    "stop pve-ha-lrm or watchdog-mux to keep a node from its reset": "停止 pve-ha-lrm 或 watchdog-mux 以避免节点重置",
    "the other side may start its guests already": "另一侧可能已在启动其虚拟机",
    "pmxcfs -l, to start guests with it": "用 pmxcfs -l 来启动虚拟机",
    "that is two clusters; to read files and copy them out is harmless": "那就是两个集群；读取并复制文件则无害",
    # What to do about Ceph
    "gives up the newest writes; right only when that disk is physically gone, group by group": (
        "放弃最新的写入；仅当该磁盘确实已不存在时才正确，逐个归置组处理"
    ),
    "the stores of the others are destroyed, not just down: else two Ceph clusters; copy the store first": (
        "其他监视器的存储已损毁而不只是停止：否则会有两个 Ceph 集群；先复制存储"
    ),
    "makes an empty group in place of the lost one; right only for content that is declared worthless, or as the last"
    " step with a backup at hand": ("用空的归置组代替丢失的；仅当内容已声明无用，或作为手头有备份时的最后一步才正确"),
    "writes go to one copy, and what that disk loses is gone; right only while copies are being made, the risk taken by"
    " name, and back at once": ("只写一个副本，该磁盘丢失的就没有了；仅在正在制作副本、明确承担风险并立即改回时才正确"),
    "at most ": "最多",
    "{most}{left} of {all} are in reach, {needed} are needed": "{all} 个中{most}可达 {left} 个，需要 {needed} 个",
    "which monitors there are is not known ({why})": "有哪些监视器未知（{why}）",
    "bring the monitor {dead} back": "让监视器 {dead} 恢复",
    "bring the monitors back that do not run": "让没有运行的监视器恢复",
    "{what}; the store of a monitor that is off is whole": "{what}；已关闭的监视器的存储是完整的",
    "take {monitors} out of the map of mon.{here}": "将 {monitors} 从 mon.{here} 的监视器映射中去除",
    "{which} (monmaptool --rm, inject)": "{which}（monmaptool --rm，注入）",
    "take monitors out of the map of another one (monmaptool --rm, inject)": (
        "从另一监视器的映射中去除监视器（monmaptool --rm，注入）"
    ),
    "it is seen which monitor lives: on which node they run is not known; {rule}": (
        "已看清哪个监视器仍在运行：它们在哪些节点上未知；{rule}"
    ),
    "no node of a monitor answers": "没有监视器所在的节点回答",
    "{none}; later only if {rule}": "{none}；以后仅当{rule}",
    "ceph osd out, destroy, purge, crush remove": "ceph osd out、destroy、purge、crush remove",
    "no monitor majority; afterwards only for OSDs whose disks are lost, and when safe-to-destroy says so": (
        "没有监视器多数；以后也仅用于磁盘已丢失且 safe-to-destroy 认可的 OSD"
    ),
    "ceph osd pool set POOL min_size 1": "ceph osd pool set POOL min_size 1",
    "ceph osd pool set {pool} min_size 1": "ceph osd pool set {pool} min_size 1",
    "ceph osd set noout": "ceph osd set noout",
    "monitors answer, and nodes are expected back within hours; to be taken out again": (
        "监视器有应答，且预计节点数小时内回来；之后要取消"
    ),
    "the nodes are expected back within hours; to be taken out again": "预计节点数小时内回来；之后要取消",
    "export groups from a disk of a dead node (ceph-objectstore-tool)": (
        "从死节点的磁盘导出归置组（ceph-objectstore-tool）"
    ),
    "it reads a stopped OSD; loses nothing": "它只读取已停止的 OSD；不会有损失",
    "bring {names} back: switch the node on, look at its disk": "让 {names} 恢复：开启节点，查看其磁盘",
    "always: nothing is lost by it": "随时可做：不会有损失",
    "{number} placement groups cannot be read": "{number} 个归置组无法读取",
    "nobody tells of placement groups": "无人能告知归置组的情况",
    "ceph osd out or destroy osd.{number}": "对 osd.{number} 执行 ceph osd out 或 destroy",
    "not while {why}: it may have their last copy": "{why}时不要做：它可能有最后一个副本",
    "replace osd.{number}": "更换 osd.{number}",
    "the disk of osd.{number} is lost, and ceph osd safe-to-destroy {number} says so": (
        "osd.{number} 的磁盘已丢失，且 ceph osd safe-to-destroy {number} 认可"
    ),
    "ceph osd lost, mark_unfound_lost": "ceph osd lost、mark_unfound_lost",
    "while a disk may come back: {rule}": "只要磁盘还可能回来：{rule}",
    "ceph osd force-create-pg": "ceph osd force-create-pg",
    # What is amiss already
    "two_node is set by hand: Proxmox VE never does. When the link fails, there are two clusters.": (
        "two_node 是手动设置的：Proxmox VE 从不设置。链路失效时会有两个集群。"
    ),
    "two_node and a quorum device exclude each other: corosync starts with one of them.": (
        "two_node 与仲裁设备互斥：corosync 只会使用其中之一。"
    ),
    "The device casts no vote: {lost}.": "仲裁设备没有投票：{lost}。",
    "one node may still be lost": "仍可失去一个节点",
    "no node may be lost now": "现在不能失去任何节点",
    "Look at corosync-qnetd on its host.": "请查看其主机上的 corosync-qnetd。",
    "Corosync expects {expected} votes, its file adds up to {written}": (
        "corosync 期望 {expected} 票，其文件合计 {written} 票"
    ),
    "{what}: a restart changes what is needed.": "{what}：重启会改变所需票数。",
    "{name} has {votes} votes as corosync runs, {written} by its file.": (
        "{name} 在运行中的 corosync 里有 {votes} 票，在文件中有 {written} 票。"
    ),
    "The monitor {name} is in the map and does not take part: {needed}.": (
        "监视器 {name} 在映射中但没有参与：{needed}。"
    ),
    "{needed} of {all} are needed": "{all} 个中需要 {needed} 个",
    "Bring the monitor {name} back.": "请让监视器 {name} 恢复。",
    "{name} is reset when it loses quorum, for {idle} alone, which is not to run.": (
        "{name} 失去法定票数时会被重置，只因 {idle}，而它不需运行。"
    ),
    "Take {idle} out of HA, or set it to ignored: {minutes} min later it no longer is.": (
        "请将 {idle} 移出 HA，或设为 ignored：{minutes} 分钟后就不再如此。"
    ),
}
