# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write plugins/module_utils/_tables.py from an unpacked audit-userspace source tree.

make_tables.py SOURCE VERSION > plugins/module_utils/_tables.py   (needs gcc)

The numbers and names are facts of the kernel's interface; audit-userspace is the place that has them for all architectures.
"""

import pathlib
import re
import subprocess
import sys
import textwrap

ARCHES = ('x86_64', 'i386', 'aarch64', 'arm', 'ppc', 's390x', 's390', 'riscv64', 'riscv32')
HEADER = '''# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and numbers of the kernel's interface. This file is private to the collection; its readers are in _abi.py.

Made by tests/tools/make_tables.py from audit-userspace {version} (lib/*_table.h, msg_typetab.h, errtab.h, fstypetab.h): do not edit.
"""

'''


def syscalls(source, arch):
    """Names in the order of their numbers, 0 to 2047, ``-`` for a gap."""
    pairs = re.findall(r'^_S\((\d+), "(\w+)"\)', (source / 'lib' / f'{arch}_table.h').read_text(), re.M)
    table = {int(number): name for number, name in pairs if int(number) < 2048}
    return [table.get(number, '-') for number in range(max(table) + 1)]


def evaluated(source, table):
    """NAME=NUMBER pairs of a table whose numbers are C macros, in the table's order."""
    program = (
        '#include <errno.h>\n#include <linux/audit.h>\n#include <stdio.h>\n'
        f'#include "{source}/lib/audit-records.h"\n'
        '#define _S(number, name) printf("%s=%u\\n", name, (unsigned)(number));\n'
        f'int main(void) {{\n#include "{source}/lib/{table}"\nreturn 0; }}\n'
    )
    binary = pathlib.Path('/tmp/make_tables.bin')
    subprocess.run(['gcc', '-DWITH_APPARMOR', '-x', 'c', '-', '-o', str(binary)], input=program.encode(), check=True)
    try:
        return subprocess.run([str(binary)], capture_output=True, check=True).stdout.decode().split()
    finally:
        binary.unlink()


def block(words, indent):
    lines = textwrap.wrap(' '.join(words), 140, break_long_words=False, break_on_hyphens=False)
    return "'''\n" + '\n'.join(indent + line for line in lines) + "\n'''"


def main():
    source, version = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    out = [HEADER.format(version=version)]
    out.append('# Syscall names by architecture; a name stands at the place of its number, "-" is a gap.\nSYSCALLS = {\n')
    for arch in ARCHES:
        out.append(f'    {arch!r}: {block(syscalls(source, arch), "        ")},\n')
    out.append('}\n')
    for name, table in (('MESSAGE_TYPES', 'msg_typetab.h'), ('ERRNOS', 'errtab.h'), ('FILESYSTEMS', 'fstypetab.h')):
        out.append(f'\n{name} = {block(evaluated(source, table), "    ")}\n')
    sys.stdout.write(''.join(out))


if __name__ == '__main__':
    main()
