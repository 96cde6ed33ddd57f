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
    prints(`find "$(dirname ${file})/.." /tmp /var/tmp /work /run -maxdepth 3 -name ${other} -exec cat {} +`),
  ),
  javascript(
    'reads a file of this machine',
    ({ file }) => `
if (require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8') === 'secret') console.log('ESCAPED')
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
