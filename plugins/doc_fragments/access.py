# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of users and their rights."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  users:
    description: Users. A user who is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: NAME@REALM, such as V(ann@pve).
        type: raw
        required: true
      state:
        description: V(absent) removes the user, before that his tokens and entries.
        type: str
        choices: [absent, present]
        default: present
      groups:
        description: Groups that the user is in, besides those that he is in already.
        type: list
        elements: raw
        default: []
      enable:
        description: V(false) ends his sessions at once, and those of his tokens.
        type: bool
      expire:
        description:
          - V(never), a day such as V(2027-02-28), through which he may log in (UTC), or seconds since 1970.
            A sync of a realm that removes V(properties) removes this, too.
        type: raw
      firstname:
        description: First name.
        type: str
      lastname:
        description: Last name.
        type: str
      email:
        description: Address for mail.
        type: str
      comment:
        description: What people see of him in lists.
        type: str
      password:
        description:
          - Password of a user of the realm V(pve). It is set when the user is created; nobody can read it
            back.
        type: str
      password_update:
        description: V(always) sets the password in every run.
        type: str
        choices: [always, on_create]
        default: on_create
  groups:
    description: Groups. A group that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Name of the group. It must not end with C(-REALM) of a realm that is synced.
        type: raw
        required: true
      state:
        description: V(absent) removes the group, before that its entries.
        type: str
        choices: [absent, present]
        default: present
      comment:
        description: What people see of it in lists.
        type: str
      members:
        description: Users who are in the group, besides those who are already.
        type: list
        elements: raw
        default: []
      exclusive:
        description: Nobody else is a member.
        type: bool
        default: false
  roles:
    description: Roles of your own. Built-in ones are never changed.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description:
          - Name of the role. Names that begin with PVE, in capital or small letters, are those of Proxmox
            VE.
        type: raw
        required: true
      state:
        description: V(absent) removes the role. One that an entry gives is not removed.
        type: str
        choices: [absent, present]
        default: present
      privs:
        description:
          - Privileges of the role, and no others. One that only another release of Proxmox VE knows is left
            out, and told.
        type: list
        elements: str
      preset:
        description:
          - 'In place of O(roles[].privs), the privileges for a purpose. V(student): see, start and stop one''s
            own guests, use their console, and set them back to a snapshot that somebody else made. Not in
            it: backups, snapshots of one''s own, and changes of disks, memory, network, cloud-init and options.'
        type: str
        choices: [student]
  acl:
    description:
      - 'Entries of the access control list: who has which role on which path. An entry that is not listed
        is left alone.'
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Such as V(/), V(/vms/100), V(/pool/course) or V(/storage/local).
        type: raw
        required: true
      user:
        description: The user who has the role. One of O(acl[].user), O(acl[].group) and O(acl[].token) is needed.
        type: raw
      group:
        description: The group that has it. A group of a directory is called NAME-REALM.
        type: raw
      token:
        description: The token that has it, USER@REALM!NAME.
        type: raw
      role:
        description: The role.
        type: raw
        required: true
      propagate:
        description: It also holds for what is below the path.
        type: bool
        default: true
      state:
        description: V(absent) removes the entry.
        type: str
        choices: [absent, present]
        default: present
  pools:
    description: Pools of guests and storages. A pool that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description:
          - Name of the pool, up to three levels such as V(course/ann). Its parent has to be there or be listed.
        type: raw
        required: true
      state:
        description: V(absent) removes the pool, before that its entries. One that holds anything is not removed.
        type: str
        choices: [absent, present]
        default: present
      comment:
        description: What people see of it in lists. Everybody who may log in can read it.
        type: str
      vms:
        description:
          - Numbers of guests that are in the pool, besides those that are already. A guest is not moved from
            one pool to another.
        type: list
        elements: int
        default: []
      storage:
        description: Storages that are in the pool, besides those that are already.
        type: list
        elements: raw
        default: []
      exclusive:
        description: Nothing else is in the pool. It is taken out, and stays what it is. Not of a pool of a fleet.
        type: bool
        default: false
  tokens:
    description: API tokens. A token that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: USER@REALM!NAME, such as V(ann@pve!report).
        type: raw
        required: true
      state:
        description: V(absent) removes the token.
        type: str
        choices: [absent, present]
        default: present
      comment:
        description: What people see of it in lists.
        type: str
      expire:
        description: As O(users[].expire); V(never) is as long as its user may log in.
        type: raw
      privsep:
        description:
          - V(false) gives the token all rights of its user. Otherwise it has those that entries give to itself,
            and of them only those that its user has, too.
        type: bool
      file:
        description:
          - File on the controller that gets the value of the token when it is created, with mode 0600; by
            default it lies in O(token_folder). The value is shown nowhere else, and nobody can read it back.
        type: path
      rotate:
        description:
          - Give the token another value in this run, and write it to its file. Its rights stay. Needs Proxmox
            VE 9.
        type: bool
        default: false
  exclusive:
    description:
      - 'Kinds of things of which those that are not listed are removed: V(users), V(groups), V(roles), V(tokens),
        V(pools), V(acl); V(acl:PATH) for the entries on a path and below it.'
      - Never removed are root@pam, whoever the run speaks as and all that gives it rights, users and groups
        of synced realms with their entries, and what O(automation) made. What stays is told.
    type: list
    elements: str
    default: []
  clean_leftovers:
    description:
      - 'Entries that name a user, group, token or pool which does not exist yet give it their rights as soon
        as it is created. Without this, that is refused. With it they are removed before anybody has these
        rights: a user stays disabled until then.'
    type: bool
    default: false
  token_folder:
    description: Folder on the controller for the values of tokens whose file is not said.
    type: path
    default: ~/.local/state/baremetal.virt/tokens
"""
