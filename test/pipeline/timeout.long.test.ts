import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StepState } from '../../src/step/attempt/step-state.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { until } from '../../src/testing/until.ts'
import { executeTool } from '../../src/tool/builtin/terminal/terminal.ts'
import { runs } from '../tool/builtin/terminal/runs.ts'
import { poolsOf } from '../worker/pools.ts'
import { gate, openWorkshop, tool } from './workshop.ts'

test('a command that takes too long is tried as often as its author says, and leaves no process behind (A42)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-timeout-'))
  const { run } = openWorkshop({ tools: [executeTool], services: { root: folder, roots: [folder] } })
  // time for a shell to start on a busy machine
  const end = await run(`
name: x
steps:
  - id: slow
    tool: terminal
    action: execute
    timeout: 4
    max_retries: 2
    retry_config: { initial_delay: 0 }
    parameters: { command: "echo $$ >> pids; sleep 60 & echo $! >> pids; wait", shell: true }`)
  expect(end.steps.slow).toMatchObject({ status: 'failed', attempts: 2, problem: { name: 'TimeoutError' } })
  const processes = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number)
  expect(processes).toHaveLength(4)
  // the caller hears of the timeout while they end
  await until(async () => processes.filter(runs).length === 0)
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

/** A tool that ignores its signal, and a pool of one place on a clock of its own. */
function openDeaf(effect: 'idempotent' | 'at-most-once') {
  const clock = simulatedClock()
  const hold = gate()
  const deaf = tool('deaf', () => hold.arrive().then(() => 'late'), effect)
  const { pool } = poolsOf({ workers: 1 }, { clock }).find({ phase: 'step', modality: 'text' })
  return { clock, hold, pool, ...openWorkshop({ tools: [deaf], services: { pool } }) }
}

const DEAF = `
name: x
steps:
  - { id: slow, tool: deaf, timeout: 2, retry: 0, on_failure: continue }
  - { id: next, tool: say, dependencies: [slow], parameters: { word: done } }`

test('a tool that ignores its timeout fails its step at once, and holds its place until it ends', async () => {
  const { clock, hold, pool, run } = openDeaf('idempotent')
  const ending = run(DEAF)
  await hold.reached
  await clock.advance(2_200)
  await clock.advance(60_000)
  expect(pool.overdue()).toEqual([{ what: 'deaf', of: 'run_1', ms: 60_000 }])
  expect(pool.stats()).toMatchObject({ running: 1, queued: 1 })
  hold.release()
  const { steps } = await ending
  expect(steps.slow).toMatchObject({ status: 'failed', problem: { name: 'TimeoutError', code: 'timeout' } })
  expect(steps.next).toMatchObject({ status: 'completed' })
})

test('nobody knows whether an at-most-once tool that ignores its timeout acts, until it ends late by itself', async () => {
  const { clock, hold, pool, run, engine } = openDeaf('at-most-once')
  const ending = run(DEAF)
  await hold.reached
  await clock.advance(2_200)
  const step = { kind: 'step', key: 'run_1.slow' }
  const waiting = async () => ((await engine.view.peek(step)) as StepState | undefined)?.awaiting
  await until(waiting)
  expect((await waiting())!.question.body).toMatchObject({
    kind: 'unknown',
    title: 'Did deaf take place? deaf took longer than 2 s. It did not stop, and whether it took place is not known.',
  })
  expect(pool.overdue()).toMatchObject([{ what: 'deaf', of: 'run_1' }])
  hold.release()
  const { steps } = await ending
  expect(steps.slow).toMatchObject({ status: 'completed', attempts: 1 })
  expect(steps.next).toMatchObject({ status: 'completed' })
})

test('a tool that holds the only place past its timeout fails its step at once, and no attempt waits for the place', async () => {
  const { clock, hold, pool, run } = openDeaf('idempotent')
  const ending = run(`
name: x
steps:
  - { id: slow, tool: deaf, timeout: 2, retry: 3 }`)
  await hold.reached
  await clock.advance(2_200)
  expect((await ending).steps.slow).toMatchObject({
    status: 'failed',
    attempts: 1,
    problem: { name: 'TimeoutError', message: expect.stringContaining('It did not stop, and still holds its place') },
  })
  expect(pool.stats()).toMatchObject({ running: 1, queued: 0 })
  hold.release()
})

test('a model that ignores the timeout fails its step at once, and no other model is asked', async () => {
  const clock = simulatedClock()
  const hold = gate()
  let calls = 0
  const { pool } = poolsOf({ workers: 1 }, { clock }).find({ phase: 'step', modality: 'text' })
  const { run } = openWorkshop({
    services: { pool, elapsed: clock.elapsed },
    async generate() {
      calls++
      await hold.arrive()
      throw new Error('too late')
    },
  })
  const ending = run(`
name: x
steps:
  - { id: slow, action: generate, timeout: 2, retry: 3, parameters: { prompt: Go, model: [a/one, a/two] } }`)
  await hold.reached
  await clock.advance(2_200)
  expect((await ending).steps.slow).toMatchObject({
    problem: { code: 'timeout', message: expect.stringContaining('the model took longer than 2 s. It did not stop') },
  })
  expect([calls, pool.overdue().length]).toEqual([1, 1])
  hold.release()
})

function blockFor(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}
