# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The second half of ``sentences.py``: the cells of the table of losses, topic by topic."""

from __future__ import annotations

from collections.abc import Mapping

ZH: Mapping[str, str] = {
    # Votes
    "yes, {total} of {of}": "是，{of} 中的 {total}",
    "NO, {total} of {of}": "否，{of} 中的 {total}",
    "NO, no node is left": "否，没有剩下节点",
    "two clusters": "两个集群",
    "It may be: {one}.": "可能是：{one}。",
    "{words}; {undecided} falls out, unknown which": "{words}；{undecided} 会掉队，哪个未知",
    "{words}; NO on {without}": "{words}；{without} 上：否",
    "The membership is formed anew every few seconds, and /etc/pve stalls each time.": (
        "成员关系每隔几秒重建一次，每次 /etc/pve 都会停顿。"
    ),
    "The nodes tell of different members: they were read while these changed.": (
        "各节点告知的成员不同：读取时成员正在变化。"
    ),
    "No node tells how votes are counted now.": "没有节点告知现在如何计票。",
    "{clusters} each have quorum alone: two clusters. Both start the HA guests of the other, whose disks are destroyed"
    " where both reach them.": (
        "{clusters} 各自都有法定票数：两个集群。双方都会启动对方的 HA 虚拟机，双方都能访问的磁盘会被毁坏。"
    ),
    "No quorum on {without}: nothing is started or changed there.": (
        "{without} 上没有法定票数：那里不会启动或更改任何东西。"
    ),
    "Of {undecided} some fall out; which cannot be foretold, as not all reach each other.": (
        "{undecided} 中有的会掉队；因为不是都能互相到达，无法预知是哪些。"
    ),
    "Whether the quorum device{host} is lost as well is not known; it changes nothing.": (
        "仲裁设备{host}是否也会丢失未知；但没有影响。"
    ),
    " with it": "",
    "The quorum device{host} is lost{along}: its votes are missing.": "仲裁设备{host}随之丢失：缺少它的票。",
    "If all reach the quorum device{host}, it votes for one side alone: {holders}.": (
        "若都能到达仲裁设备{host}，它只给一侧投票：{holders}。"
    ),
    "Only as long as {quorate} {reach} the quorum device{host}.": "仅在 {quorate} 能到达仲裁设备{host}时。",
    "{absent}: off, or a cluster with quorum that is not seen from here; nobody knows.": (
        "{absent}：已关机，或是从这里看不到的有法定票数的集群；无人知道。"
    ),
    "{absent} {verb} missing already.": "{absent} 已经缺席。",
    "Some ten seconds later the others expect no more votes than they have (last_man_standing).": (
        "约十秒后，其余节点期望的票数不再多于它们所有（last_man_standing）。"
    ),
    "One vote less, and there is no quorum.": "再少一票，就没有法定票数。",
    "quorum stays": "法定票数保持",
    "quorum is lost, at least in one order": "至少在一种顺序下失去法定票数",
    "One after the other, some ten seconds apart (last_man_standing): {verdict}.": (
        "先后失去，相隔约十秒（last_man_standing）：{verdict}。"
    ),
    "wait_for_all: there is no quorum again until all nodes have been seen; one that starts alone waits.": (
        "wait_for_all：在看到所有节点之前不会再有法定票数；单独启动的节点会等待。"
    ),
    "Whether the quorum device is lost as well is not known.": "仲裁设备是否也会丢失未知。",
    "Not all nodes tell which links are connected.": "不是所有节点都告知哪些链路已连接。",
    "who has quorum is not known": "谁有法定票数未知",
    "who has quorum then is not known": "届时谁有法定票数未知",
    "whether {name} is reset is not known": "{name} 是否会被重置未知",
    # Data
    "all pools stop": "所有存储池停止",
    "The monitors have no majority.": "监视器没有多数。",
    "Ceph's monitors did not answer ({why}).": "Ceph 的监视器没有回答（{why}）。",
    "on which node {osd} runs is not known": "{osd} 在哪个节点上运行未知",
    "on which node the monitor {name} runs is not known": "监视器 {name} 在哪个节点上运行未知",
    "whether a network of Ceph goes over this link, or its port, is not known": (
        "Ceph 的网络是否经过此链路或其网口未知"
    ),
    "How the data is, nobody says: {silence}; numbers in ceph status have no age.": (
        "数据状况无人能告知：{silence}；ceph status 中的数字没有时间。"
    ),
    "{name} stops: at most {most} of {size} copies can be up.": "{name} 停止：{size} 个副本中最多 {most} 个在线。",
    "Down for certain: {osds}.": "确定已停止：{osds}。",
    "goes on, {left} {copies}": "继续，{left} 个副本",
    "{pools} {stop}": "{pools} 停止",
    "{lost}: data only on what is lost": "{lost}：数据只在所失之物上",
    "{names} {verb} lost for good, with data or database on this disk.": (
        "{names} 永久丢失：其数据或数据库在此磁盘上。"
    ),
    "{groups} and {number} more groups": "{groups}以及另外 {number} 个组",
    "too few are up (mon_osd_min_up_ratio)": "在线的太少（mon_osd_min_up_ratio）",
    "the flag nodown is set": "设有 nodown 标志",
    "{names} hang without end: OSDs stop being marked down while {why}.": (
        "{names} 会一直挂起：{why}，OSD 不会被标为 down。"
    ),
    "{names}: everything in the touched groups hangs for up to {time}, then goes on: {reporters} of {needed} hosts are"
    " left to say that the OSDs are down.": (
        "{names}：受影响的组最多挂起 {time}，然后继续：需要 {needed} 台主机报告 OSD 停止，只剩 {reporters} 台。"
    ),
    "The touched groups hang for about {time} until the OSDs are called down.": (
        "受影响的组挂起约 {time}，直到 OSD 被标为 down。"
    ),
    "{name} stands already: {stopped} cannot be read.": "{name} 已经停顿：{stopped} 无法读取。",
    "fewer {noun} than min_size {min_size}": "{noun}少于 min_size {min_size}",
    "{name} stops: {stops} would have {few}; nothing of it is lost.": "{name} 停止：{stops} 的{few}；没有丢失。",
    "{name} stops: of {bare} too few {noun} are left to read it.": "{name} 停止：{bare} 剩下的{noun}太少，无法读取。",
    "{empty} has no objects: nothing to lose.": "{empty} 没有对象：没有可丢失的。",
    "{name}: {newest} goes on, its newest data only on what is lost: objects are unfound.": (
        "{name}：{newest} 继续，但其最新数据只在所失之物上：有对象找不到。"
    ),
    "{name} goes on: {number} groups with fewer {noun}, {left} at least.": (
        "{name} 继续：{number} 个组的{noun}减少，至少剩 {left} 个。"
    ),
    "{name}: what becomes of {doubtful} is unknown.": "{name}：{doubtful} 会怎样未知。",
    "The rule {rule} of {name} places copies by osd, so several may lie on one node.": (
        "{name} 的规则 {rule} 按 osd 放置副本，因此一个节点上可能有多个。"
    ),
    "Ceph's cluster network is lost on {unstable}, its public network is not: OSDs are reported down and come back,"
    " again and again. What stops cannot be foretold.": (
        "{unstable} 失去 Ceph 的集群网络，但仍有公共网络：OSD 会反复被报告停止又恢复。什么会停止无法预知。"
    ),
    "The balancer is on and may move groups: what stops is at most this.": (
        "均衡器已开启，可能移动归置组：停止的至多是这些。"
    ),
    " in about {times}": "（约 {times}后）",
    "This holds until {names} is out{when} and its groups are whole again.": (
        "在 {names} 被标为 out{when}且其归置组恢复完整之前如此。"
    ),
    "{numbers} stays in, and nothing is made again: {why}.": "{numbers} 保持 in，不会重建：{why}。",
    "After {time} the lost OSDs are marked out, and what they held is made again where it can be.": (
        "{time}后丢失的 OSD 被标为 out，其数据在可能之处重建。"
    ),
    "Some 20 s later Ceph gives the site up by itself (min_size 1), and the pools go on.": (
        "约 20 秒后 Ceph 会自行放弃该站点（min_size 1），存储池继续。"
    ),
    "The site's monitors are still there, so Ceph does not give it up: the pools stand until OSDs are back.": (
        "该站点的监视器仍在，所以 Ceph 不会放弃它：存储池停顿，直到 OSD 回来。"
    ),
    "What would be gone is unknown: nobody tells of placement groups.": "会丢失什么未知：无人能告知归置组的情况。",
    "{name}: the data of {bare} is gone.": "{name}：{bare} 的数据没有了。",
    "{name}: the newest writes to {newest} are gone.": "{name}：{newest} 的最新写入没有了。",
    "{name}: whether data of {doubtful} is gone is unknown.": "{name}：{doubtful} 的数据是否丢失未知。",
    "fewer than {min_in_ratio:.0%} of all OSDs would be in": "处于 in 的 OSD 会少于 {min_in_ratio:.0%}",
    "mon_osd_down_out_interval is 0": "mon_osd_down_out_interval 为 0",
    "the flag noout is set": "设有 noout 标志",
    "noout is set for {name}": "{name} 设有 noout",
    "noout is set for the class {device_class}": "类别 {device_class} 设有 noout",
    "all of {kind} {name} is down (mon_osd_down_out_subtree_limit {limit})": (
        "{kind} {name} 整个已停止（mon_osd_down_out_subtree_limit {limit}）"
    ),
    "{name} is never refilled: {size} copies on different {domain}, and {left} {domain} are left. It stays as it is"
    " until they come back or others are added.": (
        "{name} 不会补足：{size} 个副本须在不同的 {domain} 上，只剩 {left} 个。在它们回来或添加新的之前保持现状。"
    ),
    "osd.{osd} would have to hold {part_full:.0%} of its size ({groups_then} groups)": (
        "osd.{osd} 须存放其容量的 {part_full:.0%}（{groups_then} 个组）"
    ),
    "Whether {rest} is made whole then is unknown: what is meant for {held} waits until it is back.": (
        "届时 {rest} 是否会恢复完整未知：应放在 {held} 上的数据要等到它回来。"
    ),
    "Whether the refill of {rest} fits is unknown: not every OSD says how full it is.": (
        "{rest} 的补足是否放得下未知：不是每个 OSD 都告知其用量。"
    ),
    "{name}: CRUSH finds too few OSDs for {number} groups; they are not refilled.": (
        "{name}：CRUSH 为 {number} 个组找到的 OSD 太少；它们不会补足。"
    ),
    "The refill does not fit: {target}; above {limit:.0%} no data is moved to it, and the rest stays thin.": (
        "补足放不下：{target}；超过 {limit:.0%} 就不再移入数据，其余保持不足。"
    ),
    "osd.{osd} would be {part_full:.0%} full: Ceph warns (nearfull).": (
        "osd.{osd} 的用量会达到 {part_full:.0%}：Ceph 会警告（nearfull）。"
    ),
    "{whole} is refilled on the OSDs that are left.": "{whole} 会在剩下的 OSD 上补足。",
    "The refill does not fit: {kind} {name} would have to hold {part:.0%} of its size ({limit:.0%} at most).": (
        "补足放不下：{kind} {name} 须存放其容量的 {part:.0%}（最多 {limit:.0%}）。"
    ),
    "Whether the refill of {pools} fits is unknown: only the CRUSH map tells where data would go.": (
        "{pools} 的补足是否放得下未知：只有 CRUSH 图能告知数据会去哪里。"
    ),
    "New writes may fill osd.{osd} to {full:.0%}: then {stops} stop writing.": (
        "新的写入可能使 osd.{osd} 达到 {full:.0%}：那时 {stops} 停止写入。"
    ),
    # Daemons
    "{majority}; {stopped} unserved": "{majority}；{stopped} 无人服务",
    "{left} of {all}": "{all} 中的 {left}",
    "NO majority: {left} of {all}, needs {needed}": "没有多数：{all} 中的 {left}，需要 {needed}",
    "The monitors have {left}: all pools stop for all who need a new map, whatever the groups say.": (
        "监视器：{left}。对所有需要新映射的使用者，无论归置组状况如何，所有存储池都停止。"
    ),
    "The map of monitors still has {dead}, which {verb} not take part.": "监视器映射中仍有 {dead}，但没有参与。",
    "Whether a manager is left is not known.": "是否还有管理守护进程未知。",
    "No manager is left: I/O goes on; statistics, ok-to-stop, the balancer and this table are unknown from then on.": (
        "没有剩下管理守护进程：读写继续；统计、ok-to-stop、均衡器和本表从此未知。"
    ),
    "{name} stops: no standby is left that may take rank {unserved}. Its data is whole.": (
        "{name} 停止：没有剩下可接替 rank {unserved} 的备用。其数据完整。"
    ),
    "{heir} takes over rank {rank} of {name}.": "{heir} 接替 {name} 的 rank {rank}。",
    "Whether somebody serves {name} is unknown: there are fewer standbys than ranks to be taken.": (
        "是否有人服务 {name} 未知：备用少于需要接替的 rank。"
    ),
    "{filesystem} has no standby afterwards.": "之后 {filesystem} 没有备用。",
    # Guests
    "Which guests there are is not known ({why}).": "有哪些虚拟机未知（{why}）。",
    "Which storages there are is not known ({why}).": "有哪些存储未知（{why}）。",
    "two clusters: {twice} run twice": "两个集群：{twice} 运行两份",
    "{guests} {start} elsewhere": "{guests} 在别处启动",
    "old data": "旧数据",
    "fails elsewhere": "在别处启动失败",
    "waits": "等待",
    "down": "停机",
    "hang: {hanging}": "挂起：{hanging}",
    "go on": "继续",
    "{guests} {stop} with {nodes}.": "{guests} 随 {nodes} 停止。",
    "; with it stop {also_stop}, HA or not": "；{also_stop} 随之停止，无论是否由 HA 管理",
    "{reset} {are} reset by the watchdog within 60 s (the LRM is armed){stop}.": (
        "{reset} 在 60 秒内被看门狗重置（LRM 已武装）{stop}。"
    ),
    "{twice} run twice, once in each cluster.": "{twice} 运行两份，每个集群各一份。",
    "The disks of {destroyed} are on shared storage: two writers destroy them.": (
        "{destroyed} 的磁盘在共享存储上：两个写入者会毁坏它们。"
    ),
    "{going} {verb} on without quorum": "{going} 在没有法定票数的情况下继续运行",
    "{go}; nothing there can be started, moved or changed.": "{go}；那里不能启动、迁移或更改任何东西。",
    "{vmid} hangs: {why}.": "{vmid} 挂起：{why}。",
    "Whether {vmid} hangs is unknown: {why}.": "{vmid} 是否挂起未知：{why}。",
    "{vmid} starts on {nodes}": "{vmid} 在 {nodes} 上启动",
    "{vmid} starts on {nodes}, about 2 min later.": "约 2 分钟后 {vmid} 在 {nodes} 上启动。",
    "{time} old": "{time}前的",
    "of an unknown age": "时间未知的",
    ", replication has failed {failures} times": "（复制已失败 {failures} 次）",
    "{where} from a replica {age}{failing}: what came after is gone.": (
        "{where}，使用{age}复制{failing}：此后的内容没有了。"
    ),
    "{vmid} is tried on {nodes} and fails: {reasons}. It ends in error, and its configuration lies there.": (
        "{vmid} 在 {nodes} 上尝试启动并失败：{reasons}。它以 error 结束，其配置留在那里。"
    ),
    "starts on {nodes}, ": "在 {nodes} 上启动，",
    "{vmid}: unknown: {starts}{reasons}.": "{vmid}：未知：{starts}{reasons}。",
    "{vmid} waits: its rules leave it no node.": "{vmid} 等待：其规则没有留下可用节点。",
    "{moved} are to be off: HA moves their configuration, and does not start them.": (
        "{moved} 应为关机：HA 移动其配置，但不启动。"
    ),
    "{vmid} does not fit: no node that it may start on has so much memory left.": (
        "{vmid} 放不下：可启动它的节点都没有这么多剩余内存。"
    ),
    "Whether {vmid} fits where it starts is unknown.": "{vmid} 启动之处是否放得下未知。",
    "its disk is on {safe_on}": "其磁盘在 {safe_on} 上",
    "its disk is on {node}": "其磁盘在 {node} 上",
    "{node} and quorum": "{node} 和法定票数",
    "; it can be started elsewhere once {node} is certainly off": "；{node} 确已关机后可在别处启动",
    "{vmid} stays down until {back} is back: {where}{start}.": "{vmid} 在 {back} 恢复之前保持停机：{where}{start}。",
    "The data of {vmid} is gone: no other copy of its disk on {only_there} is known.": (
        "{vmid} 的数据没有了：不知其 {only_there} 上的磁盘有其他副本。"
    ),
    "The data of {vmid} on {storage} is gone: no other copy of it is known.": (
        "{vmid} 在 {storage} 上的数据没有了：不知有其他副本。"
    ),
    "The data of {vmid} is whole on {safe_on}.": "{vmid} 的数据在 {safe_on} 上完整。",
    "Whether the data of {vmid} on {storage} is gone is not known: a job copies it, and nobody tells whether it ever"
    " has.": "{vmid} 在 {storage} 上的数据是否丢失未知：有复制任务，但无人能告知是否复制成功过。",
    "what the HA manager is in charge of is not known": "HA 管理哪些资源未知",
    "fails on {node} ({reasons})": "在 {node} 上失败（{reasons}）",
    "storage {storage} only on {nodes}": "存储 {storage} 只在 {nodes} 上",
    "{device} is a device of {node}": "{device} 是 {node} 的设备",
    "which storages a node has is not known": "节点有哪些存储未知",
    "which nodes have {path} is not known": "哪些节点有 {path} 未知",
    "whether {node} has a replica of it is not known": "{node} 是否有其复制未知",
    "disk {storage} of {node}": "{node} 的磁盘 {storage}",
    "no device of mapping {name}": "没有映射 {name} 的设备",
    "cdrom {id} only on {node}": "光盘 {id} 只在 {node} 上",
    "whether {id} is on {node} is not known": "{id} 是否在 {node} 上未知",
    # Storages
    "who has {server} is not known: {doubt}": "谁拥有 {server} 未知：{doubt}",
    "{server} is {holder}": "{server} 是 {holder}",
    "Ceph's pool {pool} stops": "Ceph 的存储池 {pool} 停止",
    "its disk is lost": "其磁盘丢失",
    "no metadata server serves it": "没有元数据服务器为其服务",
    "it lies on {base}: {why}": "它位于 {base} 上：{why}",
    "how Ceph's data is then, is not known": "届时 Ceph 数据的状况未知",
    "Ceph is reached over the lost link": "Ceph 经由失去的链路访问",
    "{servers} may be reached over the lost link": "{servers} 可能经由失去的链路访问",
    "{servers} is reached over the lost link": "{servers} 经由失去的链路访问",
    "who serves it is not known": "谁提供它未知",
    "names are not resolved": "名称无法解析",
    "other networks are not reached": "其他网络不可达",
    "clocks drift apart": "时钟会逐渐偏离",
    "its votes are missing": "缺少它的票",
    "nothing is backed up or restored": "无法备份或恢复",
    "this collection is run from elsewhere": "须从别处运行本集合",
    "{names}: nobody serves it": "{names}：无人提供",
    "Who serves names and time is not known ({why}).": "谁提供名称解析和时间未知（{why}）。",
    "Which guests serve or use storages is not known.": "哪些虚拟机提供或使用存储未知。",
    "{name}: nobody serves it, for {why}. What uses it hangs.": "{name}：无人提供，因为 {why}。使用者会挂起。",
    "{name} is gone on {node}: {why}.": "{node} 上的 {name} 不可用：{why}。",
    "Whether {name} is reached from {node} is unknown: {why}.": "从 {node} 能否访问 {name} 未知：{why}。",
    "{name}: unknown: {why}.": "{name}：未知：{why}。",
    "is served by {guest}, which is on {storage}": "由 {guest} 提供，而它在 {storage} 上",
    "A ring: {name} {way}. Once all of it is off, nothing of it starts again.": (
        "循环依赖：{name} {way}。一旦全部关机，就再也启动不了。"
    ),
    "Whether {service} ({servers}) is still served is unknown.": "{service}（{servers}）是否仍有人提供未知。",
    "{service} ({servers}) is {holders}: {means}.": "{service}（{servers}）是 {holders}：{means}。",
    "{name} is served again once {vmid} has started elsewhere, after about 2 min.": (
        "约 2 分钟后 {vmid} 在别处启动，{name} 就再次可用。"
    ),
    "What {name} holds is kept by {holder}: gone if that never comes back.": (
        "{name} 的内容保存在 {holder}：若它不再回来，就没有了。"
    ),
    # Links
    "{link} is broken between {one} and {other} now.": "{one} 与 {other} 之间的 {link} 现在是断的。",
    "Which links there are is not known ({why}).": "有哪些链路未知（{why}）。",
    "their network{name} is the lost one": "其网络{name}正是失去的",
    "Lost is the network of the link. What else its ports and switches carry, people know.": (
        "失去的是该链路的网络。其网口和交换机还承载什么，只有人知道。"
    ),
    "Which network migrations use is not known ({why}).": "迁移使用哪个网络未知（{why}）。",
    "Whether migrations use the lost network is not known.": "迁移是否使用失去的网络未知。",
    "Which links are connected between {one} and {other} is not known.": "{one} 与 {other} 之间哪些链路已连接未知。",
    "Migrations to and from {cut} fail unless another route leads there: {lost}. HA does not need it.": (
        "进出 {cut} 的迁移会失败，除非另有路由：{lost}。HA 不需要它。"
    ),
    "{one} and {other} have no link left; nobody relays.": "{one} 与 {other} 之间没有链路了；无人转发。",
    "{one} and {other} have {working} alone.": "{one} 与 {other} 之间只剩 {working}。",
    # The table
    "Whether another disk of the node has all that is on {title} is not known. If not:": (
        "该节点的另一磁盘是否有 {title} 的全部内容未知。若没有："
    ),
    "If {nodes} is reset as well, which is not known: {word}.": "若 {nodes} 也被重置（未知）：{word}。",
    "{reset} {verb} reset as well; until booted: {word}.": "{reset} 也被重置；启动之前：{word}。",
}
