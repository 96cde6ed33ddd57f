import { expect, it } from 'vitest'
import { z } from 'zod'
import { UnknownError } from '../../src/errors.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { durable } from '../../src/workflow/definition/durable.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openRuns } from './open-runs.ts'

type Act = (signal: AbortSignal) => unknown

const ONCE = { effect: 'at-most-once' } as const
const pay = { name: 'pay', description: 'pays', input: z.object({}) }

const coded = (code: string, more: object = {}) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`it says ${code}`), { code, ...more }) })
const throws =
  (error: unknown): (() => unknown) =>
  () => {
    throw error
  }
const aborts = (signal: AbortSignal) =>
  new Promise((_, reject) => {
    const end = () => reject(signal.reason)
    // beside busy processes the limit may be over before the call
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })

/** A run whose only call is made once: by a step, by a tool, or by a part of a tool. It undoes what it can. */
async function open(
  kind: (typeof KINDS)[number],
  act: Act,
  { timeout, log = [] }: { timeout?: number; log?: unknown[] },
) {
  const limit = timeout === undefined ? {} : { timeout }
  const asTool = defineTool({ ...pay, ...ONCE, execute: (_, { signal }) => act(signal) as string })
  const inPart = defineTool({
    ...pay,
    effect: 'idempotent',
    execute: (_, { once }) => once('charge', ({ signal }) => act(signal) as Promise<string>, ONCE),
  })
  const workflow = defineWorkflow({
    name: 'flow',
    input: z.object({}),
    onFailure: 'undo',
    async run(ctx) {
      const undo = (result: unknown) => void log.push(result)
      if (kind === 'a tool of the AI SDK') {
        const { pay } = durable({ pay: { execute: (_: object, call: Call) => act(call.abortSignal) } }, ctx, limit)
        await pay.execute({}, {} as Call)
      } else if (kind === 'a step') await ctx.step('pay', ({ signal }) => act(signal), { ...ONCE, ...limit, undo })
      else await ctx.call(kind === 'a tool' ? asTool : inPart, {}, limit)
      throw new Error('the end')
    },
  })
  const tools = [kind === 'a part' ? inPart : asTool]
  const opened = await openRuns({ workflows: [workflow], tools })
  await opened.start('flow')
  const question = async () => (await opened.runtime.inbox.list({ run: 'r' })).find(({ kind }) => kind === 'unknown')
  return { ...opened, question, asked: () => until(question) }
}

const KINDS = ['a step', 'a tool', 'a part', 'a tool of the AI SDK'] as const
type Call = { readonly abortSignal: AbortSignal }

const UNKNOWN: readonly [string, Act, number?][] = [
  ['a connection that broke', throws(coded('UND_ERR_SOCKET'))],
  ['an UnknownError', throws(new UnknownError('nobody knows'))],
  ['the abort at its time limit', aborts, 20],
  ['nothing, after its time limit', () => new Promise(() => {}), 20],
]
const FAILED: readonly [string, Act, number?][] = [
  ['a connection that never stood', throws(coded('ETIMEDOUT', { syscall: 'connect' }))],
  ['an answer with a status', throws(coded('ECONNRESET', { status: 502 }))],
  ['an error of its own', throws(new Error('declined'))],
  ['an error of its own at its time limit', (signal) => aborts(signal).catch(throws(new Error('not sent'))), 20],
]

for (const kind of KINDS) {
  const step = kind === 'a tool of the AI SDK' ? 'tool-pay' : 'pay'
  it.each(UNKNOWN)(`a person settles ${kind} that ends with %s`, async (_, act, timeout) => {
    const log: unknown[] = []
    const { asked, ended, runs } = await open(kind, act, { log, ...(timeout && { timeout }) })
    const { title } = await asked()
    expect(title).toMatch(
      /^Did (the work of )?(tool-)?pay take place\? .*(not known|may have taken place|nobody knows)/,
    )
    await runs.settle('r', step, { outcome: 'done', result: 'found' })
    expect(await ended()).toMatchObject({
      status: 'failed',
      error: 'the end',
      steps: { [step]: { status: 'completed' } },
    })
    expect(log).toEqual(kind === 'a step' ? ['found'] : [])
  })

  it.each(FAILED)(`${kind} fails that ends with %s`, async (_, act, timeout) => {
    const { ended, question } = await open(kind, act, timeout === undefined ? {} : { timeout })
    expect(await ended()).toMatchObject({ status: 'failed', steps: { [step]: { status: 'failed' } } })
    expect(await question()).toBeUndefined()
  })
}

it.each(['a step', 'a tool'] as const)('%s that ends late ends by itself: with its result', async (kind) => {
  const door = gate()
  const log: unknown[] = []
  const { asked, ended, runtime } = await open(kind, () => door.pass().then(() => 'late'), { timeout: 20, log })
  await asked()
  door.release()
  expect(await ended()).toMatchObject({
    error: 'the end',
    steps: { pay: { status: 'completed', value: { result: 'late' } } },
  })
  expect(await runtime.inbox.list({ run: 'r' })).toEqual([])
  expect(log).toEqual(kind === 'a step' ? ['late'] : [])
})

it('a step that ends late ends with its own error', async () => {
  const door = gate()
  const { asked, ended } = await open('a step', () => door.pass().then(throws(new Error('declined'))), {
    timeout: 20,
  })
  await asked()
  door.release()
  expect(await ended()).toMatchObject({ error: 'declined', steps: { pay: { status: 'failed', error: 'declined' } } })
})

it('a late end that nobody knows either leaves the question, and one that comes after the answer changes nothing', async () => {
  const [first, last] = [gate(), gate()]
  const { asked, question, ended, runs } = await open(
    'a step',
    () => Promise.race([first.pass().then(throws(coded('ECONNRESET'))), last.pass()]),
    { timeout: 20 },
  )
  await asked()
  first.release()
  await new Promise(setImmediate)
  expect(await question()).toBeDefined()
  await runs.settle('r', 'pay', { outcome: 'fail' })
  last.release()
  expect(await ended()).toMatchObject({
    status: 'failed',
    steps: { pay: { error: expect.stringContaining('settled') } },
  })
})

it('work that ends well in the time for its clean-up ends the call', async () => {
  const { ended, question } = await open('a step', (signal) => aborts(signal).catch(() => 'sent before'), {
    timeout: 20,
  })
  expect(await ended()).toMatchObject({ error: 'the end', steps: { pay: { value: { result: 'sent before' } } } })
  expect(await question()).toBeUndefined()
})

it.each<[string, () => unknown, object, string[]]>([
  ['its result', () => 'late', { status: 'completed', value: { result: 'late' } }, ['late']],
  ['its error', () => Promise.reject(new Error('declined')), { status: 'failed', error: 'declined' }, []],
])(
  'a call that is cut off a minute after the cancellation of its run ends late by itself: with %s',
  async (_, act, step, undone) => {
    const door = gate()
    const log: unknown[] = []
    const undo = (result: unknown) => void log.push(result)
    const workflow = defineWorkflow({
      name: 'flow',
      input: z.object({}),
      run: (ctx): Promise<unknown> => ctx.step('pay', (): Promise<unknown> => door.pass().then(act), { ...ONCE, undo }),
    })
    const clock = simulatedClock()
    const { start, runs, runtime, ended } = await openRuns({ workflows: [workflow], clock })
    await start('flow')
    await door.started
    await runs.cancel('r', 'enough', { undo: true })
    await until(() => clock.next)
    await clock.advance(61_000)
    await until(async () => (await runtime.inbox.list({ run: 'r' })).find(({ kind }) => kind === 'unknown'))
    door.release()
    expect(await ended()).toMatchObject({ status: 'cancelled', steps: { pay: step } })
    expect(await runtime.inbox.list({ run: 'r' })).toEqual([])
    expect(log).toEqual(undone)
  },
)

it('a tool ends late by itself whose part nobody knew', async () => {
  const door = gate()
  const { asked, ended, runtime } = await open('a part', () => door.pass().then(() => 'late'), { timeout: 20 })
  await asked()
  door.release()
  expect(await ended()).toMatchObject({
    error: 'the end',
    steps: { pay: { status: 'completed', value: { result: 'late' } } },
  })
  expect(await runtime.inbox.list({ run: 'r' })).toEqual([])
})
