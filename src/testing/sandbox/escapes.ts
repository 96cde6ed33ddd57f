/** The targets outside a sandbox that an attempt tries to reach. The caller of the suite creates them. */
export type EscapeTarget = {
  /** a file outside, which holds the word `secret` */
  readonly file: string
  /** a port on 127.0.0.1 that answers `secret` to a connection, over TCP; datagrams to it are counted, too */
  readonly port: number
  /** the name of an abstract unix socket that answers `secret` */
  readonly socket: string
  /** a process outside, of the same user if possible */
  readonly pid: number
}

/** One attempt to leave a sandbox. It prints ESCAPED when it succeeds. */
export type EscapeAttempt = {
  readonly name: string
  readonly command: (target: EscapeTarget) => readonly [string, ...string[]]
  /** it does no harm and succeeds without a sandbox: so the suite can show that the attempt itself works */
  readonly harmless: boolean
}

type Code = (target: EscapeTarget) => string

const shell = (name: string, code: Code, harmless = true): EscapeAttempt => ({
  name,
  harmless,
  command: (target) => ['sh', '-c', code(target)],
})
const python = (name: string, code: Code, harmless = true): EscapeAttempt => ({
  name,
  harmless,
  command: (target) => ['python3', '-c', code(target)],
})

const prints = (command: string) => `{ ${command}; } 2>/dev/null | grep -q secret && echo ESCAPED`
const succeeds = (command: string) => `{ ${command}; } >/dev/null 2>&1 && echo ESCAPED`

const READ: readonly EscapeAttempt[] = [
  shell('reads a file of this machine', ({ file }) => prints(`cat ${file}`)),
  shell('reads a file through /proc/PID/root', ({ file }) => prints(`cat /proc/*/root${file}`)),
  shell('reads a file through /proc/PID/cwd', ({ file }) => prints(`cat /proc/*/cwd/../../../../../../../..${file}`)),
  shell('reads a file through a link', ({ file }) => prints(`ln -s ${file} link && cat link`)),
  shell('lists the folder of the file', ({ file }) => succeeds(`ls "$(dirname ${file})"`)),
  shell('sees the environment of a process outside', ({ pid }) => succeeds(`grep -qa . /proc/${pid}/environ`)),
  shell('reads the passwords of users', () => succeeds('head -c 1 /etc/shadow'), false),
  shell('sees the folders of other sandboxes', () => succeeds('ls -d /tmp/antiphon-sandbox-*'), false),
  python(
    'finds an open file of the process that started it',
    () => `
import os
for fd in range(3, 1024):
    try:
        if os.readlink(f'/proc/self/fd/{fd}') != '/dev/null': print('ESCAPED')
    except OSError:
        pass
`,
    false,
  ),
]

const WRITE: readonly EscapeAttempt[] = [
  shell('changes a setting of the kernel', () => succeeds('echo 5 > /proc/sys/kernel/printk_ratelimit'), false),
  shell('triggers the magic key', () => succeeds('echo h > /proc/sysrq-trigger'), false),
  shell('makes a device', () => succeeds('mknod /tmp/mem c 1 1'), false),
  shell('writes to a program', () => succeeds('touch /usr/bin/antiphon-escape'), false),
  shell('writes to the root', () => succeeds('touch /antiphon-escape'), false),
  shell('writes to a device folder', () => succeeds('touch /dev/antiphon-escape'), false),
  shell('mounts', () => succeeds('mount -t tmpfs none /tmp'), false),
  shell('enters another root', () => succeeds('chroot /tmp true || mkdir -p r && chroot r /'), false),
  shell(
    'writes to a cgroup',
    () => succeeds('mkdir /sys/fs/cgroup/antiphon-escape || mkdir /sys/fs/cgroup/pids/antiphon-escape'),
    false,
  ),
]

const NETWORK: readonly EscapeAttempt[] = [
  python(
    'connects to this machine',
    ({ port }) => `
import socket
connection = socket.create_connection(('127.0.0.1', ${port}), 2)
if b'secret' in connection.recv(100): print('ESCAPED')
`,
  ),
  python(
    'sends a datagram to this machine',
    ({ port }) => `
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'escaped', ('127.0.0.1', ${port}))
`,
    false,
  ),
  python(
    'connects to an abstract socket',
    ({ socket }) => `
import socket
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(2)
connection.connect('\\0${socket}')
if b'secret' in connection.recv(100): print('ESCAPED')
`,
  ),
  shell('sees an interface beside loopback', () => succeeds("grep -E '^ *(eth|en|wl|docker)' /proc/net/dev"), false),
  shell('asks a name server', () => succeeds('getent hosts example.com'), false),
  shell(
    'finds the socket of docker',
    () => succeeds('test -S /var/run/docker.sock || test -S /run/docker.sock'),
    false,
  ),
  python(
    'opens a raw socket',
    () => `
import socket
socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)
print('ESCAPED')
`,
    false,
  ),
]

const PROCESSES: readonly EscapeAttempt[] = [
  shell('sees a process outside', ({ pid }) => succeeds(`kill -0 ${pid}`)),
  shell('sees the command of a process outside', ({ pid }) => succeeds(`grep -qa sleep /proc/${pid}/cmdline`)),
  python(
    'traces a process outside',
    ({ pid }) => `
import ctypes
if ctypes.CDLL(None).ptrace(16, ${pid}, 0, 0) == 0: print('ESCAPED')
`,
    false,
  ),
  python(
    'makes a user namespace',
    () => `
import ctypes
if ctypes.CDLL(None).unshare(0x10000000) == 0: print('ESCAPED')
`,
    false,
  ),
  shell('becomes another user', () => succeeds('su -c true'), false),
  shell(
    'gains rights by a program of root',
    () =>
      "find /usr/bin -perm -4000 -exec {} --version \\; >/dev/null 2>&1; grep -E '^NoNewPrivs:.0' /proc/self/status && echo ESCAPED",
    false,
  ),
  shell('has capabilities', () => "grep -E '^Cap(Eff|Prm|Bnd):.*[1-9a-f]' /proc/self/status && echo ESCAPED", false),
  python(
    'types into the terminal',
    () => `
import fcntl, termios
fcntl.ioctl(open('/dev/tty', 'w'), termios.TIOCSTI, b'x')
print('ESCAPED')
`,
    false,
  ),
]

/** All attempts. Each runs as a command in a sandbox; a sandbox holds when none prints ESCAPED and nothing outside was touched. */
export const ESCAPE_ATTEMPTS: readonly EscapeAttempt[] = [...READ, ...WRITE, ...NETWORK, ...PROCESSES]

/** One attempt to exhaust the machine, and the limit that must end it; none: the command ends by itself or by its timeout. */
export type Bomb = { readonly name: string; readonly command: readonly [string, ...string[]] }

/** Attempts to exhaust this machine. Each must end at most one second after its time limit, and leave nothing behind. */
export const BOMBS: readonly Bomb[] = [
  { name: 'forks', command: ['sh', '-c', 'bomb() { bomb | bomb & }; bomb; sleep 60'] },
  {
    name: 'takes memory in one process',
    command: ['python3', '-c', 'x = []\nwhile True: x.append(bytearray(10_000_000))'],
  },
  {
    name: 'takes memory in many processes',
    command: [
      'sh',
      '-c',
      'for i in 1 2 3 4 5 6 7 8; do python3 -c "x = bytearray(60_000_000); import time; time.sleep(60)" & done; wait',
    ],
  },
  {
    name: 'takes memory in /dev/shm',
    command: ['sh', '-c', 'cat /dev/zero > /dev/shm/x; cat /dev/zero > /tmp/x; sleep 60'],
  },
  { name: 'computes for ever', command: ['sh', '-c', 'while :; do :; done'] },
  {
    name: 'fills the disk',
    command: ['sh', '-c', 'i=0; while :; do i=$((i+1)); head -c 5000000 /dev/zero > big$i; done'],
  },
  { name: 'makes files', command: ['python3', '-c', 'for i in range(1_000_000): open(f"f{i}", "w").close()'] },
  { name: 'prints for ever', command: ['yes'] },
  { name: 'leaves a process behind', command: ['sh', '-c', 'setsid sh -c "trap : TERM HUP; sleep 60" & exit 0'] },
]
