# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of realms."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  realms:
    description: Realms, by which users log in. A realm that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Name of the realm.
        type: raw
        required: true
      type:
        description:
          - What it is. V(pam) and V(pve) are built in, and of them only O(realms[].comment) and O(realms[].default)
            can be set.
        type: str
        required: true
        choices: [ad, ldap, openid, pam, pve]
      state:
        description: V(absent) removes the realm. One that still has users is not removed.
        type: str
        choices: [absent, present]
        default: present
      comment:
        description: What people choose it by when they log in.
        type: str
      default:
        description: It is the one that is offered first.
        type: bool
      server1:
        description: Address or name of the directory server. For V(ad) and V(ldap).
        type: str
      server2:
        description: The server that is asked when the first does not answer. For V(ad) and V(ldap).
        type: str
      port:
        description: Port of the servers. For V(ad) and V(ldap).
        type: int
      mode:
        description: How the connection to the servers is protected. For V(ad) and V(ldap).
        type: str
        choices: [ldap, ldaps, ldap+starttls]
      verify:
        description: The certificate of the servers is checked. For V(ad) and V(ldap).
        type: bool
      capath:
        description: File or directory with the authorities that sign it. For V(ad) and V(ldap).
        type: str
      domain:
        description: Domain of Active Directory. For V(ad).
        type: str
      base_dn:
        description: Where in the directory users are. For V(ad) and V(ldap).
        type: str
      bind_dn:
        description: As whom the directory is read. For V(ad) and V(ldap).
        type: str
      user_attr:
        description: Attribute that holds the name of a user. For V(ad) and V(ldap).
        type: str
      user_classes:
        description: Object classes of users. For V(ad) and V(ldap).
        type: str
      filter:
        description: Filter for the users that are synced. For V(ad) and V(ldap).
        type: str
      group_dn:
        description: Where in the directory groups are. For V(ad) and V(ldap).
        type: str
      group_classes:
        description: Object classes of groups. For V(ad) and V(ldap).
        type: str
      group_filter:
        description: Filter for the groups that are synced. For V(ad) and V(ldap).
        type: str
      group_name_attr:
        description: Attribute that holds the name of a group. For V(ad) and V(ldap).
        type: str
      sync_attributes:
        description: Which attribute becomes which field of a user, such as V(email=mail). For V(ad) and V(ldap).
        type: str
      case_sensitive:
        description: Names in capital and small letters are different users. For V(ad) and V(ldap).
        type: bool
      issuer_url:
        description: URL of the OpenID provider. For V(openid).
        type: str
      client_id:
        description: How the cluster is called there. For V(openid).
        type: str
      client_key:
        description: What it proves that with. For V(openid).
        type: str
      autocreate:
        description: Whoever logs in for the first time becomes a user. For V(openid).
        type: bool
      username_claim:
        description: Claim that holds the name of a user. For V(openid).
        type: str
      groups_claim:
        description: Claim that holds the groups of a user. Since Proxmox VE 8. For V(openid).
        type: str
      groups_autocreate:
        description: Groups that there are not are created. For V(openid).
        type: bool
      groups_overwrite:
        description: At each login a user's groups become those of the claim. For V(openid).
        type: bool
      prompt:
        description: Whether the provider asks for a login or a consent each time. For V(openid).
        type: str
      scopes:
        description: Scopes that are asked for, separated by blanks. For V(openid).
        type: str
      acr_values:
        description: Authentication context classes that are asked for, separated by blanks. For V(openid).
        type: str
      audiences:
        description: Further audiences that are accepted, separated by blanks. Since Proxmox VE 9. For V(openid).
        type: str
      query_userinfo:
        description: The provider is asked for more than its token says. For V(openid).
        type: bool
      password:
        description: Password of O(realms[].bind_dn). It is set when the realm is added; nobody can read it back.
        type: str
      password_update:
        description: V(always) sets the password in every run.
        type: str
        choices: [always, on_create]
        default: on_create
      sync:
        description:
          - Sync the realm as long as it has no users. What is new in the directory later comes with the syncs
            that Proxmox VE makes by its own schedule.
        type: bool
        default: false
      sync_defaults:
        description: What a sync does if nobody says otherwise.
        type: dict
        suboptions:
          scope:
            description: What is synced.
            type: str
            choices: [both, groups, users]
          enable_new:
            description: New users may log in at once.
            type: bool
          remove_vanished:
            description:
              - What goes of users and groups that the directory no longer has. V(entry) are they themselves,
                V(acl) their rights, V(properties) whatever the directory does not say of those that stay,
                such as when they expire.
            type: list
            elements: str
            choices: [acl, entry, properties]
"""
