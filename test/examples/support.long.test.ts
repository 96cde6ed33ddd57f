import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { openProgramFolder, ROOT } from '../docs/program.ts'

const run = promisify(execFile)

test('the first program of the README goes on after a kill, and pays back once', async () => {
  const folder = await openProgramFolder(['antiphon/testing'])
  await copyFile(join(ROOT, 'examples/support.mts'), join(folder, 'support.mts'))
  const antiphon = async (...args: readonly string[]) =>
    (await run(process.execPath, [join(ROOT, 'bin/antiphon.js'), ...args], { cwd: folder })).stdout
  const killed = start(folder)
  await until(async () => (await antiphon('inbox')).includes('Call refund?'))
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  await antiphon('signal', 'customer-42:lamp.m1.1', 'approve_call_1', 'approve')
  const next = start(folder)
  const [out] = await Promise.all([text(next.stdout!), once(next, 'exit')])
  expect(out).toContain('I am sorry. You get your money back. true')
  expect(await readFile(join(folder, 'refunds.txt'), 'utf8')).toMatch(/^order 1789, 4900 cents, .*\n$/)
})

function start(folder: string): ChildProcess {
  const { OPENAI_API_KEY: _, ...env } = process.env
  return spawn(process.execPath, ['--import', join(folder, 'hooks.mjs'), 'support.mts'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
