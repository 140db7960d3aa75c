/*
 * Copyright (c) 2026, linux_audit.fleet contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sends one signal by the system call named, without libc's help in choosing it.
 *
 *     send_signal SYSCALL PID SIGNAL [COMM]
 *
 * PID may be negative (kill: a process group). COMM, given in hexadecimal, becomes this process's name first,
 * so that a test can choose bytes which an audit record has to encode.
 * Prints its own pid; exits 0 when the signal was sent, else with the errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

static void rename_self(const char *hex)
{
	char name[16] = "";
	size_t length = strlen(hex) / 2;

	for (size_t i = 0; i < length && i < sizeof(name) - 1; i++) {
		unsigned int byte;

		sscanf(hex + 2 * i, "%2x", &byte);
		name[i] = (char)byte;
	}
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

static long send_by(const char *call, long pid, int number)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = number;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	if (!strcmp(call, "kill"))
		return syscall(SYS_kill, pid, number);
	if (!strcmp(call, "tkill"))
		return syscall(SYS_tkill, pid, number);
	if (!strcmp(call, "tgkill"))
		return syscall(SYS_tgkill, pid, pid, number);
	if (!strcmp(call, "rt_sigqueueinfo"))
		return syscall(SYS_rt_sigqueueinfo, pid, number, &info);
	if (!strcmp(call, "rt_tgsigqueueinfo"))
		return syscall(SYS_rt_tgsigqueueinfo, pid, pid, number, &info);
	if (!strcmp(call, "pidfd_send_signal"))
		return syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, pid, 0), number, NULL, 0);
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: %s SYSCALL PID SIGNAL [COMM]\n", argv[0]);
		return 255;
	}
	if (argc > 4)
		rename_self(argv[4]);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	return send_by(argv[1], atol(argv[2]), atoi(argv[3])) == 0 ? 0 : errno;
}
