import { type EscapeAttempt, javascript, shell, succeeds } from './attempt.ts'

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
