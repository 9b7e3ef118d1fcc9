# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of the datacenter."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  options:
    description: Options of the datacenter. Parts that are not said stay.
    type: dict
    suboptions:
      bwlimit:
        description: Limits in KiB/s.
        type: dict
        suboptions:
          clone: {description: 'For clones.', type: int}
          default: {description: 'For everything else.', type: int}
          migration: {description: 'For migrations.', type: int}
          move: {description: 'For moved disks.', type: int}
          restore: {description: 'For restored backups.', type: int}
      consent_text:
        description: >-
          What has to be agreed to before logging in. From Proxmox VE 8.4 on.
        type: str
      console: {description: 'The console of the web interface.', type: str, choices: [vv, html5, xtermjs]}
      crs:
        description: How the cluster places guests of HA.
        type: dict
        suboptions:
          ha: {description: 'The mode.', type: str, choices: [basic, static, dynamic]}
          ha_rebalance_on_start: {description: 'Whether a guest is placed anew when it starts.', type: bool}
          ha_auto_rebalance:
            description: >-
              Whether guests are moved while they run. From Proxmox VE 9.2 on.
            type: bool
          ha_auto_rebalance_threshold: {description: 'How uneven nodes may be, in percent.', type: int}
          ha_auto_rebalance_margin: {description: 'How much better it has to become, in percent.', type: int}
          ha_auto_rebalance_method: {description: 'The method.', type: str}
          ha_auto_rebalance_hold_duration: {description: 'Rounds for which it has to be uneven.', type: int}
      description: {description: 'The notes of the datacenter.', type: str}
      email_from: {description: 'The sender of messages.', type: str}
      fencing: {description: 'How nodes are fenced.', type: str, choices: [watchdog, hardware, both]}
      ha:
        description: High availability.
        type: dict
        suboptions:
          shutdown_policy:
            description: >-
              What becomes of guests when a node shuts down.
            type: str
            choices: [conditional, failover, freeze, migrate]
      http_proxy: {description: 'The proxy for downloads.', type: str}
      keyboard: {description: 'The keyboard of consoles.', type: str}
      language: {description: 'The language of the web interface.', type: str}
      mac_prefix: {description: 'What hardware addresses of guests begin with.', type: str}
      max_workers: {description: 'How many tasks run at once on a node.', type: int}
      migration:
        description: How guests migrate. Each node needs an address in the network.
        type: dict
        suboptions:
          type: {description: 'Whether through ssh.', type: str, choices: [insecure, secure]}
          network: {description: 'The network.', type: str}
      next_id:
        description: Numbers of new guests.
        type: dict
        suboptions:
          lower: {description: 'From this one.', type: int}
          upper: {description: 'To this one, without it.', type: int}
      notify:
        description: What notices are sent about.
        type: dict
        suboptions:
          package_updates: {description: 'New packages.', type: str, choices: [auto, always, never]}
      registered_tags: {description: 'Tags that only administrators give.', type: list, elements: str}
      replication:
        description: How guests are replicated. From Proxmox VE 9 on.
        type: dict
        suboptions:
          type: {description: 'Whether through ssh.', type: str, choices: [insecure, secure]}
          network: {description: 'The network.', type: str}
      tag_style:
        description: How tags look.
        type: dict
        suboptions:
          case_sensitive: {description: 'Whether case counts.', type: bool}
          color_map: {description: 'Colours, as V(prod:ff0000;test:00ff00).', type: str}
          ordering: {description: 'Their order.', type: str, choices: [config, alphabetical]}
          shape: {description: 'Their shape.', type: str, choices: [full, circle, dense, none]}
      user_tag_access:
        description: Which tags users may give.
        type: dict
        suboptions:
          user_allow: {description: 'Which.', type: str, choices: [none, list, existing, free]}
          user_allow_list: {description: 'The list.', type: list, elements: str}
      webauthn:
        description: For second factors.
        type: dict
        suboptions:
          allow_subdomains: {description: 'Whether subdomains may.', type: bool}
          id: {description: 'The domain.', type: str}
          origin: {description: 'Where it is.', type: str}
          rp: {description: 'Its name.', type: str}
  unset:
    description: Options that are not to be said any more, or single parts as V(crs.ha).
    type: list
    elements: str
    default: []
  metric_servers:
    description: Servers to which the nodes tell their figures. Proxmox VE tries a server before it takes it.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: 'Its name.', type: str, required: true}
      type: {description: 'What it is. A server keeps its type.', type: str, choices: [graphite, influxdb]}
      state: {description: 'V(absent) removes it.', type: str, choices: [absent, present], default: present}
      server: {description: 'Its address.', type: str}
      port: {description: 'Its port.', type: int}
      disable: {description: 'Whether it is off.', type: bool}
      mtu: {description: 'Largest packet of UDP.', type: int}
      proto: {description: 'For graphite.', type: str, choices: [tcp, udp]}
      path: {description: 'Where graphite keeps it.', type: str}
      timeout: {description: 'Seconds for TCP.', type: int}
      influxdbproto: {description: 'For influxdb.', type: str, choices: [http, https, udp]}
      organization: {description: 'For influxdb over HTTP.', type: str}
      bucket: {description: 'For influxdb over HTTP.', type: str}
      api_path_prefix: {description: 'For influxdb behind a proxy.', type: str}
      max_body_size: {description: 'Bytes of a request.', type: int}
      verify_certificate: {description: 'Whether its certificate is verified.', type: bool}
      token: {description: 'For influxdb over HTTP. Sent when the server is made.', type: str}
      update_secret: {description: 'Whether the token is sent in every run.', type: bool, default: false}
  notification_endpoints:
    description: Where notices go. The built-in V(mail-to-root) cannot go; it can be disabled.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: 'Its name.', type: str, required: true}
      type: {description: 'What it is.', type: str, choices: [gotify, sendmail, smtp]}
      state: {description: 'V(absent) removes it.', type: str, choices: [absent, present], default: present}
      comment: {description: 'One line.', type: str}
      disable: {description: 'Whether it is off.', type: bool}
      mailto: {description: 'Addresses.', type: list, elements: str}
      mailto_user: {description: 'Users, who get it at their address.', type: list, elements: str}
      from_address: {description: 'The sender.', type: str}
      author: {description: 'The name of the sender.', type: str}
      server: {description: 'For smtp and gotify.', type: str}
      port: {description: 'For smtp.', type: int}
      mode: {description: 'For smtp.', type: str, choices: [insecure, starttls, tls]}
      username: {description: 'For smtp.', type: str}
      password: {description: 'For smtp. Sent when the endpoint is made.', type: str}
      token: {description: 'For gotify. Sent when the endpoint is made.', type: str}
      update_secret: {description: 'Whether the secret is sent in every run.', type: bool, default: false}
  notification_matchers:
    description: Which notices go where. The built-in V(default-matcher) cannot go; it can be disabled.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: 'Its name.', type: str, required: true}
      state: {description: 'V(absent) removes it.', type: str, choices: [absent, present], default: present}
      comment: {description: 'One line.', type: str}
      disable: {description: 'Whether it is off.', type: bool}
      target: {description: 'Endpoints.', type: list, elements: str}
      mode: {description: 'Whether all of its rules have to match.', type: str, choices: [all, any]}
      invert_match: {description: 'Whether it is for what does not match.', type: bool}
      match_calendar: {description: 'Times.', type: list, elements: str}
      match_field: {description: 'Fields, as V(exact:type=vzdump).', type: list, elements: str}
      match_severity: {description: 'Severities.', type: list, elements: str}
  exclusive:
    description: What is to hold nothing that is not declared.
    type: list
    elements: str
    choices: [metric_servers, notification_endpoints, notification_matchers]
    default: []
"""
