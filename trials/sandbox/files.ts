import { type EscapeAttempt, javascript, prints, python, shell, succeeds } from './attempt.ts'

/** Attempts to read files outside. */
export const READ: readonly EscapeAttempt[] = [
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
  shell('reads a file of the home folder', ({ file }) => prints(`cat "$(dirname ${file})"/home/*`)),
  shell('reads the scratch folder of another sandbox', ({ file, other }) =>
    // the likely folders come first and the first hit ends the
    // search: a full disk shall not use up the seconds of the attempt
    prints(
      `set -- "$(dirname ${file})/.."; find "$1"/antiphon-sandbox-* "$1" /tmp /var/tmp /work /run -maxdepth 3 -name ${other} -exec cat {} \\; -quit`,
    ),
  ),
  javascript(
    'reads a file of this machine',
    ({ file }) => `
if (require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8') === 'secret') console.log('ESCAPED')
`,
  ),
  javascript(
    'reads a file through a link, and a hard one',
    ({ file }) => `
const fs = require('node:fs')
for (const [index, link] of [fs.symlinkSync, fs.linkSync].entries()) {
  try {
    link(${JSON.stringify(file)}, 'link' + index)
    if (fs.readFileSync('link' + index, 'utf8') === 'secret') console.log('ESCAPED')
  } catch {}
}
`,
  ),
  javascript(
    'reads a file through /proc/PID/root',
    ({ file }) => `
const fs = require('node:fs')
for (const pid of fs.readdirSync('/proc')) {
  try {
    if (fs.readFileSync('/proc/' + pid + '/root' + ${JSON.stringify(file)}, 'utf8') === 'secret') console.log('ESCAPED')
  } catch {}
}
`,
  ),
  {
    name: 'leaves links that lead the caller outside',
    harmless: false,
    command: ({ file }) => [
      'sh',
      '-c',
      `mkdir out; ln -s ${file} out/link; ln -s "$(dirname ${file})" out/folder; ln -s "$(dirname ${file})" far; ln ${file} out/hard`,
    ],
    reads: ['out/link', 'out/folder/file', 'far/file', 'out/hard', 'out/../../file'],
  },
]

/** Attempts to change files, devices and settings outside. */
export const WRITE: readonly EscapeAttempt[] = [
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
  shell('reads a disk', () => succeeds('mknod /tmp/disk b 8 0 && head -c 1 /tmp/disk'), false),
  shell('changes a file outside', ({ file }) => succeeds(`test -e ${file} && touch ${file}`)),
  javascript(
    'changes a file outside',
    ({ file }) => `
require('node:fs').utimesSync(${JSON.stringify(file)}, 1, 1)
console.log('ESCAPED')
`,
  ),
  javascript(
    'opens a file outside for writing, through a link',
    ({ file }) => `
const fs = require('node:fs')
fs.symlinkSync(${JSON.stringify(file)}, 'link')
fs.openSync('link', 'r+')
console.log('ESCAPED')
`,
  ),
  javascript(
    'writes to a program',
    () => `
require('node:fs').writeFileSync('/usr/bin/antiphon-escape', '')
console.log('ESCAPED')
`,
    false,
  ),
]
