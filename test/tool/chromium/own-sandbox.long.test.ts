import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { chromiumGap, withGap } from './available.ts'

const NOBODY = 65534

/** Hides bubblewrap from one process and its children, and makes them those of the user nobody. */
const HIDING = `
for path in /usr/bin/bwrap /usr/local/bin/bwrap; do if [ -e $path ]; then mount --bind /dev/null $path; fi; done
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups -- "$@"`
const hidden = (...words: readonly string[]) => ['--mount', 'sh', '-ec', HIDING, 'sh', ...words]

/** Why it cannot run here; undefined: it can. */
const gap = chromiumGap ?? gapOfUser()

function gapOfUser(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can hide bubblewrap and become another user'
  try {
    execFileSync('unshare', hidden('unshare', '--user', process.execPath, '-e', ''), { stdio: 'ignore' })
  } catch {
    return 'the user nobody cannot run Node.js or make namespaces here'
  }
  return undefined
}

test.skipIf(gap !== undefined)(
  withGap('a page is visited by a user without bubblewrap, in the sandbox of Chromium itself', gap),
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-nobody-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    chmodSync(folder, 0o700)
    chownSync(folder, NOBODY, NOBODY)
    const program = hidden(process.execPath, join(import.meta.dirname, 'own-sandbox.ts'))
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder }
    const { stdout } = await promisify(execFile)('unshare', program, { env, cwd: folder })
    expect(JSON.parse(stdout)).toEqual({
      uid: NOBODY,
      sandbox: 'chromium',
      status: 200,
      title: 'closed',
      seen: expect.arrayContaining(['/page', '/part', 'tunnel']),
    })
  },
)
