import { type EscapeAttempt, javascript, python, shell, succeeds } from './attempt.ts'

/** Attempts to reach processes outside, or to gain rights. */
export const PROCESSES: readonly EscapeAttempt[] = [
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
  javascript(
    'signals a process outside',
    ({ pid }) => `
process.kill(${pid}, 0)
console.log('ESCAPED')
`,
  ),
  python(
    'enters the namespaces of a process outside',
    ({ pid }) => `
import ctypes, os
libc = ctypes.CDLL(None)
for path in ('/proc/${pid}/ns/net', '/proc/${pid}/ns/mnt', '/proc/${pid}/ns/pid'):
    if libc.setns(os.open(path, os.O_RDONLY), 0) == 0: print('ESCAPED')
`,
    false,
  ),
  javascript(
    'sees the environment of a process outside',
    ({ pid }) => `
if (require('node:fs').readFileSync('/proc/${pid}/environ').length > 0) console.log('ESCAPED')
`,
  ),
  javascript(
    'opens the memory of a process outside',
    ({ pid }) => `
require('node:fs').openSync('/proc/${pid}/mem', 'r')
console.log('ESCAPED')
`,
    false,
  ),
  javascript(
    'makes a user namespace, or enters those of a process outside',
    ({ pid }) => `
const { spawnSync } = require('node:child_process')
const commands = [['unshare', '--user', 'true'], ...['--net', '--mount', '--pid'].map((kind) => ['nsenter', '--target', '${pid}', kind, 'true'])]
for (const [program, ...words] of commands) if (spawnSync(program, words).status === 0) console.log('ESCAPED')
`,
    false,
  ),
  javascript(
    'becomes root',
    () => `
process.setuid(0)
console.log('ESCAPED')
`,
    false,
  ),
]
