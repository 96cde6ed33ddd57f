import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { auditIndependently, disagreements } from './audit-independent.ts'

const ROOT = join(import.meta.dirname, '../..')

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** `npm start` without npm, over a data folder of its own; `onError` sees each piece of stderr. */
function start(
  args: readonly string[],
  data: string,
  onError: (text: string, interrupt: () => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, 'examples/start/start.js'), '--data', data, ...args], {
    cwd: ROOT,
    detached: true,
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  // as a terminal does: the whole group hears it
  const interrupt = () => process.kill(-child.pid!, 'SIGINT')
  child.stderr.on('data', (chunk) => {
    err += chunk
    onError(String(chunk), interrupt)
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-start-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function expectTrueReport(): void {
  const report = JSON.parse(readFileSync(join(ROOT, 'audit.json'), 'utf8'))
  expect(disagreements(report, auditIndependently(ROOT))).toEqual([])
}

test('Ctrl-C keeps what was done, names the command to go on, and leaves no process; undisturbed, another one reports the same', async () => {
  const data = dataFolder()
  const { code, err } = await start([], data, (text, interrupt) => text.includes(' iterations, ') && interrupt())
  expect(code).toBe(130)
  expect(err).toMatch(/Interrupted\. .*npx antiphon resume run_/)
  const again = await start(['--no-kill'], data)
  expect(again.err).toMatch(/Left over from .*: audit, not finished\. To continue it: npx antiphon resume run_/)
  expect([again.code, again.out.includes('Killed'), again.err.includes('SIGKILL')]).toEqual([0, false, false])
  expectTrueReport()
})

test('an unknown option is refused with the usage', async () => {
  const { code, err } = await start(['--fast'], dataFolder())
  expect([code, err]).toEqual([2, expect.stringContaining('Usage: npm start')])
})
