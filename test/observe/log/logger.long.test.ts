import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CancelledError, RetryableError } from '../../../src/errors.ts'
import { createObserver } from '../../../src/observe/create-observer.ts'
import { openLog } from '../../../src/observe/log/logger.ts'
import type { LogLevel } from '../../../src/observe/log/settings.ts'
import { createRedaction } from '../../../src/secret/redaction.ts'

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const SECRET = 'planted-4711-do-not-tell'

async function open(form: 'json' | 'pretty', level: LogLevel = 'info') {
  const written: string[] = []
  const to = { write: (line: string) => void written.push(line) }
  const { redact } = createRedaction({ SOME_API_KEY: SECRET, HOME: '/root' })
  const log = await openLog({ form, level, redact, to })
  return { observer: createObserver([log]), written, lines: () => written.map((line) => JSON.parse(line)) }
}

const RUN = { name: 'event-keep', of: 'run/r1', work: 'r1', trace: TRACE, n: 1 } as const
const problem = {
  code: 'tool_error',
  message: `cannot log in with ${SECRET}, nor with ak_7_abcdefghijkl or lk_7_abcdefghijkl at https://me:pw@host/`,
}

test('a run is logged from its beginning to its end, with the ids it is found by', async () => {
  const { observer, lines } = await open('json')
  observer.tell({ ...RUN, body: { type: 'run-start', steps: 2 }, index: { name: 'report' } })
  observer.tell({ ...RUN, body: { type: 'step-end', step: 'a', status: 'completed', attempts: 1 }, index: null })
  observer.tell({ ...RUN, body: { type: 'step-end', step: 'b', status: 'failed', attempts: 3, problem }, index: null })
  observer.tell({
    ...RUN,
    body: { type: 'run-end', status: 'failed', problem },
    index: { startedAt: 5, finishedAt: 9 },
  })
  observer.tell({ name: 'effect-fail', actor: 'step/r1.b', effect: 'execute', code: 'busy', delay: 100, work: 'r1' })
  observer.tell({ name: 'letter-keep', id: 'm1', to: 'run/r1', code: 'internal', work: 'r1', trace: TRACE })
  const ids = { run: 'r1', trace: '0af7651916cd43dd8448eb211c80319c' }
  expect(lines()).toMatchObject([
    { level: 'info', ...ids, pipeline: 'report', msg: 'run r1 began' },
    { level: 'warn', ...ids, step: 'b', attempts: 3, code: 'tool_error' },
    { level: 'error', ...ids, status: 'failed', ms: 4 },
    { level: 'warn', actor: 'step/r1.b', code: 'busy', delay: 100 },
    { level: 'error', letter: 'm1', msg: 'a message to run/r1 failed for good (internal): dead letter m1' },
  ])
})

test('a line has the stack of an error in code of a user, without secrets', async () => {
  const { observer, lines } = await open('json')
  const stack = `at act (/app/${SECRET}/tool.ts:3:7)`
  const event = { type: 'step-end', step: 'b', status: 'failed', attempts: 1, problem: { ...problem, stack } }
  observer.tell({ ...RUN, body: event, index: null })
  observer.tell({ name: 'effect-fail', actor: 'clerk/1', effect: 'send', code: 'internal', stack, work: 'w1' })
  observer.tell({ name: 'letter-keep', id: 'm1', to: 'clerk/1', code: 'internal', stack, work: 'w1' })
  expect(lines().map((line) => line.stack)).toEqual(Array(3).fill('at act (/app/[redacted]/tool.ts:3:7)'))
})

test('secrets are in no line: those of the environment, and what looks like a key', async () => {
  for (const form of ['json', 'pretty'] as const) {
    const { observer, written } = await open(form)
    observer.tell({ ...RUN, body: { type: 'run-end', status: 'failed', problem }, index: null })
    expect(written.join('')).toContain('[redacted]')
    expect(written.join('')).not.toMatch(new RegExp(`${SECRET}|abcdefghijkl|pw@`))
  }
})

test('the logger recognises a key by its form, and a password to its end', async () => {
  const { observer, written } = await open('json')
  const end = 'abcdefghijklmnopqrstuvwxyz012345'
  const message = `github_pat_${end} glpat-${end} AIza${end} https://me:half@${end}@host/x`
  observer.tell({ ...RUN, body: { type: 'run-end', status: 'failed', problem: { code: 'x', message } }, index: null })
  expect(written.join('')).toContain('host/x')
  expect(written.join('')).not.toContain(end)
})

test('no half of a secret is left where a long text is cut', async () => {
  for (const length of [180, 480]) {
    const { observer, written } = await open('json')
    const message = `${'x'.repeat(length)} https://me:${'passworD'.repeat(5)}@host/ ${SECRET}`
    observer.tell({ ...RUN, body: { type: 'run-end', status: 'failed', problem: { code: 'x', message } }, index: null })
    expect(written.join('')).toContain('xxx')
    expect(written.join('')).not.toMatch(/passw|planted/)
  }
})

test('logs only requests that failed here, except at level debug', async () => {
  const ask = async (observer: Awaited<ReturnType<typeof open>>['observer'], status: number) =>
    observer.span({ name: 'request-answer', id: `q${status}`, method: 'GET' }, async (note) =>
      note({ route: '/v1/runs', status }),
    )
  const quiet = await open('json')
  await ask(quiet.observer, 200)
  await ask(quiet.observer, 503)
  expect(quiet.lines()).toMatchObject([{ level: 'error', request: 'q503', route: '/v1/runs', status: 503 }])
  const close = await open('json', 'debug')
  await ask(close.observer, 200)
  expect(close.lines()).toMatchObject([{ level: 'debug', request: 'q200', status: 200 }])
})

test('logs only models that did not answer, and no cancelled calls', async () => {
  const { observer, lines } = await open('json')
  const fail = (error: unknown) =>
    observer.span({ name: 'model-call', model: 'lab/one' }, () => Promise.reject(error)).catch(() => {})
  const stopped = new AbortController()
  stopped.abort()
  await fail(stopped.signal.reason)
  await fail(new CancelledError('by its user'))
  await fail(new RetryableError('down', { code: 'model_unavailable' }))
  expect(lines()).toMatchObject([{ level: 'warn', model: 'lab/one', code: 'model_unavailable' }])
})

test('a line that comes with every flush of a bad day is logged once in a while', async () => {
  const { observer, lines } = await open('json')
  for (const ms of [100, 900, 901, 902]) observer.tell({ name: 'flush-end', ms })
  expect(lines()).toMatchObject([{ level: 'warn', msg: 'a flush took 900 ms' }])
})

test('pretty lines are for people', async () => {
  const { observer, written } = await open('pretty')
  observer.tell({ ...RUN, body: { type: 'run-start', steps: 2 }, index: { name: 'report' } })
  expect(written).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}run r1 began trace=0af7651916cd43dd8448eb211c80319c pipeline=report\n$/,
    ),
  ])
})

test('a pretty line tells what stands in its words only as a part of something else', async () => {
  const { observer, written } = await open('pretty')
  observer.tell({ ...RUN, body: { type: 'step-end', step: 'b', status: 'failed', attempts: 1, problem }, index: null })
  const index = { startedAt: 5, finishedAt: 6 }
  observer.tell({ ...RUN, body: { type: 'run-end', status: 'completed' }, index })
  expect(written).toEqual([
    expect.stringMatching(/ step b of run r1 failed: .* attempts=1 /),
    expect.stringMatching(/ run r1 is completed trace=\w+ ms=1\n$/),
  ])
  expect(written[0]).not.toContain('step=')
})

test('a pretty line leaves out what is empty', async () => {
  const { observer, written } = await open('pretty')
  observer.tell({ ...RUN, body: { type: 'run-start', steps: 2 }, index: { name: '' } })
  expect(written).toEqual([expect.stringMatching(/ run r1 began trace=\w+\n$/)])
})

test('a pretty line is one line, and does nothing to a terminal, whatever a pipeline is called', async () => {
  const { observer, written } = await open('pretty')
  const name = 'evil\u001b[2J\u009b31m\n12:00:00.000 INFO  run r2 began'
  observer.tell({ ...RUN, body: { type: 'run-start', steps: 2 }, index: { name } })
  const shown = 'pipeline=evil\\u001b[2J\\u009b31m\\n12:00:00.000 INFO  run r2 began\n'
  expect(written).toEqual([expect.stringContaining(shown)])
})

test('a stalled reader of the lines does not keep the process alive', async () => {
  const source = fileURLToPath(new URL('../../../src/observe/log/logger.ts', import.meta.url))
  const script = `
    import { openLog } from ${JSON.stringify(source)}
    process.stdout.isTTY
    const log = await openLog({ form: 'json', level: 'info', redact: (text) => text })
    const problem = { code: 'x', message: 'y'.repeat(400) }
    for (let n = 0; n < 5000; n++)
      log.tell({ name: 'event-keep', of: 'run/r', work: 'r', n, body: { type: 'run-end', status: 'failed', problem }, index: null })
    log.close()
    process.exit(7)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const [code] = await once(child, 'exit')
  clearTimeout(late)
  expect(code).toBe(7)
})
