import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'

const NOBODY = 65534
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']

/** Why the suite cannot run as another user here; undefined: it can. */
const gap = ((): string | undefined => {
  if (process.getuid?.() !== 0) return 'only root can become another user, and the suite runs as you beside'
  try {
    execFileSync('setpriv', [...AS_NOBODY, process.execPath, '-e', ''], { cwd: import.meta.dirname })
  } catch {
    return 'the user nobody cannot run Node.js in this folder'
  }
  return undefined
})()

describe.skipIf(gap !== undefined)(`as a normal user${gap ? ` (skipped: ${gap})` : ''}`, () => {
  test('bubblewrap holds, ends bombs in time, and leaves nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-nobody-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    chmodSync(folder, 0o700)
    chownSync(folder, NOBODY, NOBODY)
    const program = [...AS_NOBODY, process.execPath, join(import.meta.dirname, 'as-user.ts')]
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder }
    const { stdout } = await promisify(execFile)('setpriv', program, { env, cwd: import.meta.dirname })
    expect(JSON.parse(stdout)).toEqual({ uid: NOBODY, escapes: [], unbounded: [], left: [] })
  })
})
