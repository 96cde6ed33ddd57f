import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { executeTool } from '../../src/tool/builtin/terminal/terminal.ts'
import { runs } from '../tool/builtin/terminal/runs.ts'
import { openWorkshop, tool } from './workshop.ts'

test('a command that takes too long is tried as often as its author says, and leaves no process behind (A42)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-timeout-'))
  const { run } = openWorkshop({ tools: [executeTool], services: { root: folder, roots: [folder] } })
  const end = await run(`
name: x
steps:
  - id: slow
    tool: terminal
    action: execute
    timeout: 0.3
    max_retries: 2
    retry_config: { initial_delay: 0 }
    parameters: { command: "echo $$ >> pids; sleep 60 & echo $! >> pids; wait", shell: true }`)
  expect(end.steps.slow).toMatchObject({ status: 'failed', attempts: 2, problem: { name: 'TimeoutError' } })
  const processes = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number)
  expect(processes).toHaveLength(4)
  expect(processes.filter(runs)).toEqual([])
  rmSync(folder, { recursive: true })
})

const SLOW = `
name: x
steps:
  - { id: slow, tool: deaf, timeout: 0.01, retry: 1, retry_config: { initial_delay: 0 } }`

test.each([
  [
    'the tool ignores the signal',
    (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
  ],
  ['the tool blocks the thread', () => blockFor(20)],
])('a result that arrives after the timeout is a TimeoutError: %s', async (_why, work) => {
  let calls = 0
  const deaf = tool('deaf', async (_input, { signal }) => {
    calls++
    await work(signal)
    return { late: true }
  })
  const end = await openWorkshop({ tools: [deaf] }).run(SLOW)
  expect(end.status).toBe('failed')
  expect(end.steps.slow).toMatchObject({
    status: 'failed',
    attempts: 2,
    problem: { name: 'TimeoutError', code: 'timeout' },
  })
  expect(calls).toBe(2)
})

function blockFor(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}
