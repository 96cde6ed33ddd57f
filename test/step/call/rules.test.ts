import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'
import type { Around } from '../../../src/work/rules/house-rules.ts'
import { makeFolder, openRuns } from '../../workflow/open-runs.ts'

/** A shop whose calls are logged. `refund` must not be repeated, `price` has no effect. */
function openShop() {
  const log: string[] = []
  const refund = defineTool({
    ...{ name: 'refund', description: 'Pays money back', effect: 'at-most-once' },
    input: z.object({ cents: z.number() }),
    output: z.object({ paid: z.number() }),
    execute({ cents }) {
      log.push(`refund ${cents}`)
      return { paid: cents }
    },
  })
  const price = defineTool({
    ...{ name: 'price', description: 'Says a price', effect: 'pure' },
    input: z.object({ of: z.string() }),
    execute({ of }) {
      log.push(`price ${of}`)
      return { cents: 5 }
    },
  })
  return { log, tools: [refund, price] }
}

type Call = { readonly tool: string; readonly parameters: { readonly [name: string]: string | number } }
const REFUND: Call = { tool: 'refund', parameters: { cents: 500 } }
const PRICE: Call = { tool: 'price', parameters: { of: 'lamp' } }

/** Makes one call in a process with rules. */
async function makeCall(around: Around, call = REFUND, approve?: 'all') {
  const { log, tools } = openShop()
  const { runtime, runs, ended, waits } = await openRuns({ tools, around })
  const { id } = await runtime.tools.call([call], { id: 'r', ...(approve && { approve: ['refund'] }) })
  return { log, runtime, runs, waits, id, ended }
}

/** The step of the call, when its run has ended. */
async function endOf({ ended, runs }: Pick<Awaited<ReturnType<typeof makeCall>>, 'ended' | 'runs'>) {
  await ended()
  return runs.step('r', 'call_1')
}

it('a rule changes the arguments and the result of a call', async () => {
  const made = await makeCall({
    async tool(call, next) {
      expect(call).toMatchObject({ tool: 'refund', names: ['refund', 'refund'], effect: 'at-most-once' })
      expect(call.for).toMatchObject({ owner: 'local', run: 'r' })
      await next({ cents: Number(call.input.cents) / 2 })
      return { paid: 1 }
    },
  })
  expect(await endOf(made)).toMatchObject({ status: 'completed', value: { result: { paid: 1 } } })
  expect(made.log).toEqual(['refund 250'])
})

it('a rule that writes into the arguments changes nothing', async () => {
  const made = await makeCall({
    tool(call, next) {
      Object.assign(call.input, { cents: 1 })
      return next()
    },
  })
  expect(await endOf(made)).toMatchObject({ status: 'completed', value: { result: { paid: 500 } } })
})

it.each<readonly [string, Around['tool'] & object, string, string]>([
  ['refuses', (call) => call.refuse('no refunds today'), 'rule_refused', 'refuse this call: no refunds today'],
  ['throws', () => Promise.reject(new Error('the list is gone')), 'rule_failed', 'the list is gone'],
  ['gives wrong arguments', (_, next) => next({ cents: 'all' }), 'invalid_input', 'cents'],
  ['gives no JSON', (_, next) => next({ cents: new Map() as never }), 'rule_failed', 'Expected a JSON map'],
  ['answers in its place', () => ({ paid: 500 }), 'rule_failed', 'allowed for a `pure` tool only'],
  ['says nothing', () => undefined, 'rule_failed', 'neither made nor refused'],
])('no call is made if a rule %s', async (_, tool, code, why) => {
  const made = await makeCall({ tool })
  expect(await endOf(made)).toMatchObject({ status: 'failed', error_code: code, error: expect.stringContaining(why) })
  expect(made.log).toEqual([])
})

it('a rule answers in place of a pure call', async () => {
  const made = await makeCall({ tool: () => ({ cents: 4 }) }, PRICE)
  expect(await endOf(made)).toMatchObject({ status: 'completed', value: { result: { cents: 4 } } })
  expect(made.log).toEqual([])
})

it('a call that a rule fails after is made, and not made again', async () => {
  const made = await makeCall({
    async tool(_, next) {
      await next()
      throw new Error('the log is gone')
    },
  })
  const error = expect.stringContaining('after the call was made: the log is gone')
  expect(await endOf(made)).toMatchObject({ status: 'failed', error_code: 'bad_result', error, attempts: [{}] })
  expect(made.log).toEqual(['refund 500'])
})

it('a person sees the arguments that a rule leaves, and the call is made with them', async () => {
  const made = await makeCall(
    { tool: (call, next) => next({ cents: Math.min(Number(call.input.cents), 300) }) },
    REFUND,
    'all',
  )
  await made.waits()
  const [item] = await made.runtime.inbox.list()
  expect(JSON.stringify(item)).toContain('300')
  expect(JSON.stringify(item)).not.toContain('500')
  await made.runs.signal('r', 'approve_call_1', { action: 'approve' })
  expect(await endOf(made)).toMatchObject({ status: 'completed', value: { result: { paid: 300 } } })
  expect(made.log).toEqual(['refund 300'])
})

it('after a person approved it, a rule may refuse a call and not change it', async () => {
  const made = await makeCall(
    { tool: (call, next) => next(call.approved ? { cents: 9999 } : undefined) },
    REFUND,
    'all',
  )
  await made.waits()
  await made.runs.signal('r', 'approve_call_1', { action: 'approve' })
  const error = expect.stringContaining('a rule changed it after that')
  expect(await endOf(made)).toMatchObject({ status: 'failed', error_code: 'rule_failed', error })
  expect(made.log).toEqual([])
})

it('a process that lacks the rules of a run makes no call of it, and one that has them goes on', async () => {
  const folder = makeFolder()
  const { log, tools } = openShop()
  const asked: string[] = []
  const around: Around = {
    tool(call, next) {
      asked.push(call.tool)
      return next()
    },
  }
  const first = await openRuns({ tools, around }, folder)
  await first.runtime.tools.call([REFUND], { id: 'r', approve: ['refund'] })
  await first.waits()
  await first.stop()
  const second = await openRuns({ tools }, folder)
  await second.runs.resume('r')
  await second.runs.signal('r', 'approve_call_1', { action: 'approve' })
  await expect.poll(async () => JSON.stringify(await second.runtime.inbox.list())).toContain('the rules of program')
  expect(log).toEqual([])
  await second.stop()
  const third = await openRuns({ tools, around }, folder)
  expect(await third.ended()).toMatchObject({ status: 'completed' })
  expect([log, asked]).toEqual([['refund 500'], ['refund', 'refund']])
})

it('a module that antiphon.yaml names has the outer rules', async () => {
  const folder = makeFolder()
  const rules =
    'export const tool = async (call, next) => ({ ...(await next({ cents: call.input.cents + 1 })), outer: true })\n'
  writeFileSync(join(folder, 'rules.mjs'), rules)
  writeFileSync(join(folder, 'antiphon.yaml'), 'around: ./rules.mjs\n')
  const { log, tools } = openShop()
  const around: Around = { tool: (call, next) => next({ cents: Number(call.input.cents) * 2 }) }
  const { runtime, runs, ended } = await openRuns({ tools, around }, folder)
  await runtime.tools.call([REFUND], { id: 'r' })
  await ended()
  expect(await runs.step('r', 'call_1')).toMatchObject({ value: { result: { paid: 1002, outer: true } } })
  expect(log).toEqual(['refund 1002'])
})
