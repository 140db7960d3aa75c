# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Socket addresses as the kernel logs them. This file is private to the collection.

Pure: no Ansible, no I/O. ``saddr`` is the sockaddr as it lies in memory, in hexadecimal; family and netlink's numbers are in
the byte order of the host that wrote the log, ports and addresses in network order.
"""

import socket
import struct
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _text

# include/linux/socket.h, by the names of audit-userspace's famtab.h.
FAMILIES = (
    'unspecified local inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose decnet netbeui security key netlink packet ash '
    'econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc isdn phonet ieee802154 caif alg nfc vsock '
    'kcm qipcrtr smc xdp mctp'
).split()


def family(number):  # type: (int) -> str
    """``inet`` for 2; the number itself as text when it has no name."""
    return FAMILIES[number] if 0 <= number < len(FAMILIES) else str(number)


def _local(data, _order):  # type: (bytes, str) -> t.Dict[str, t.Any]
    path = data[2:]
    if not path.rstrip(b'\0'):
        return {'path': None}
    if path[:1] == b'\0':  # The abstract name space: every byte counts, shown with an @ as ss and lsof do.
        return {'path': '@' + _text.escape(path[1:].rstrip(b'\0'))}
    return {'path': _text.escape(path.partition(b'\0')[0])}


def _inet(data, _order):  # type: (bytes, str) -> t.Dict[str, t.Any]
    (port,) = struct.unpack_from('>H', data, 2)
    return {'address': socket.inet_ntop(socket.AF_INET, data[4:8]), 'port': port}


def _inet6(data, order):  # type: (bytes, str) -> t.Dict[str, t.Any]
    (port,) = struct.unpack_from('>H', data, 2)
    result = {'address': socket.inet_ntop(socket.AF_INET6, data[8:24]), 'port': port}
    if len(data) >= 28:
        (result['scope'],) = struct.unpack_from(order + 'I', data, 24)
    return result


def _netlink(data, order):  # type: (bytes, str) -> t.Dict[str, t.Any]
    pid, groups = struct.unpack_from(order + 'II', data, 4)
    return {'pid': pid, 'groups': groups}


def _packet(data, order):  # type: (bytes, str) -> t.Dict[str, t.Any]
    (protocol,) = struct.unpack_from('>H', data, 2)
    (interface,) = struct.unpack_from(order + 'i', data, 4)
    length = data[11] if len(data) > 11 else 0
    return {'protocol': protocol, 'interface': interface, 'address': ':'.join('%02x' % byte for byte in data[12 : 12 + length])}


def _vsock(data, order):  # type: (bytes, str) -> t.Dict[str, t.Any]
    port, cid = struct.unpack_from(order + 'II', data, 4)
    return {'cid': cid, 'port': port}


_DECODERS = {1: _local, 2: _inet, 10: _inet6, 16: _netlink, 17: _packet, 40: _vsock}


def decode(raw, order='<'):  # type: (str, str) -> t.Dict[str, t.Any]
    """``{"family": "inet", "address": "127.0.0.53", "port": 53}``; *order* is struct's sign for the byte order of the log's host.

    local: path (an abstract one begins with ``@``, an unnamed one is None); netlink: pid, groups; packet: protocol, interface,
    address; vsock: cid, port. Of another family, or one cut short: family and ``raw``, the hexadecimal digits.
    """
    data = _text.unhex(raw)
    if data is None or len(data) < 2:
        return {'family': None, 'raw': _text.text(raw)}
    (number,) = struct.unpack_from(order + 'H', data)
    result = {'family': family(number)}  # type: t.Dict[str, t.Any]
    try:
        result.update(_DECODERS[number](data, order))
    except (KeyError, ValueError, struct.error):
        result['raw'] = raw
    return result
