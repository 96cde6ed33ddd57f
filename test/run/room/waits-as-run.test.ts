import { expect, it, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { RunRows } from '../../../src/run/room/list/run-rows.ts'
import { RunTable } from '../../../src/run/room/list/run-table.ts'
import { until } from '../../../src/testing/until.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { openRuns } from '../../workflow/open-runs.ts'

/** A workflow and a pipeline that wait for a signal, and then give back their customer. */
const order = defineWorkflow({
  name: 'order',
  input: z.object({ customer: z.string() }),
  async run(ctx, { customer }) {
    await ctx.signal('go')
    return ctx.step('charge', () => `charged ${customer}`)
  },
})
const TEXT = `name: parcel
inputs: { customer: { type: string, required: true } }
steps:
  - { id: go, tool: approval-gate, parameters: { title: "Send to {{ inputs.customer }}?" } }
  - { id: say, depends_on: [go], tool: debug, parameters: { message: "{{ inputs.customer }}" } }
`
const source = { text: TEXT, name: 'parcel.yaml' }
const long = `c-9 ${'x'.repeat(20_000)}`

async function openOrders() {
  const opened = await openRuns({ workflows: [order] })
  const { runs } = opened
  const queue = { key: 'k' }
  const of = (customer: string) => ({ workflow: 'order', input: { customer } })
  await runs.start({ ...of('c-0'), id: 'first', queue })
  await runs.start({ ...of('c-1'), id: 'queued', queue })
  await runs.start({ ...of('c-1'), id: 'timed', delay: '1h' })
  await runs.start({ ...of('c-2'), id: 'debounced', queue: { key: 'quiet', debounce: '1h' } })
  await runs.start({ source, inputs: { customer: 'c-1' }, id: 'parcel-queued', queue })
  await runs.start({ source, inputs: { customer: long }, id: 'parcel-timed', delay: '1h' })
  return opened
}

const ids = (listed: readonly { readonly id: string }[]) => listed.map(({ id }) => id).sort()

test('a run that waits for its turn has its name, its inputs, its source and its page', async () => {
  const { runs } = await openOrders()
  const named = Object.fromEntries((await runs.list()).map(({ id, name }) => [id, name]))
  expect(named).toEqual({
    ...{ first: 'order', queued: 'order', timed: 'order', debounced: 'order' },
    ...{ 'parcel-queued': 'parcel', 'parcel-timed': 'parcel' },
  })
  expect(ids(await runs.list({ text: 'C-1' }))).toEqual(['parcel-queued', 'queued', 'timed'])
  expect(ids(await runs.list({ text: 'c-9' }))).toEqual(['parcel-timed'])
  expect(ids(await runs.list({ text: 'inline' }))).toEqual([])
  expect(ids(await runs.list({ name: 'order', status: 'waiting' }))).toEqual(['debounced', 'first', 'queued', 'timed'])
  expect(await runs.source('queued')).toEqual({
    ...{ language: 'workflow', workflow: 'order', operations: [], inputs: { customer: 'c-1' } },
  })
  expect(await runs.source('parcel-timed')).toMatchObject({ text: TEXT, inputs: { customer: long } })
  expect(await runs.get('parcel-queued')).toMatchObject({
    ...{ name: 'parcel', status: 'waiting', success: null, steps: { go: { status: 'queued' } } },
  })
  expect(await runs.get('queued')).toMatchObject({ name: 'order', status: 'waiting', steps: {} })
  expect(await runs.step('parcel-queued', 'say')).toMatchObject({ status: 'queued' })
  for (const id of ['queued', 'parcel-timed']) expect((await runs.page(id)).length).toBeGreaterThan(100)
})

test('the table of runs finds a run that waits by its name and its inputs, and follows its end', async () => {
  const { runs, ended } = await openOrders()
  const [asked, read] = [vi.spyOn(RunTable.prototype, 'read'), vi.spyOn(RunRows.prototype, 'pages')]
  onTestFinished(() => [asked, read].forEach((spy) => void spy.mockRestore()))
  const find = async (text: string) => (await runs.list({ text })).map(({ id, status }) => `${id} ${status}`).sort()
  const found = await find('c-1')
  expect(found).toEqual(['parcel-queued waiting', 'queued waiting', 'timed waiting'])
  ;(asked.mock.contexts[0] as RunTable).make()
  await until(async () => (await find('c-1')).length > 0 && read.mock.calls.length > 0)
  expect([await find('c-1'), await find('order')]).toMatchObject([found, { length: 4 }])
  await runs.cancel('timed', 'not today')
  await ended('timed')
  expect(await find('c-1')).toEqual(['parcel-queued waiting', 'queued waiting', 'timed cancelled'])
})

it.each(['queued', 'timed', 'debounced', 'parcel-queued', 'parcel-timed'])(
  'the run %s is forked while it waits and after it was cancelled, and each fork ends with its inputs',
  async (id) => {
    const { runs, ended } = await openOrders()
    const before = await runs.get(id)
    expect(await runs.fork(id, { id: 'early' })).toEqual({ id: 'early' })
    await runs.cancel(id, 'not today')
    expect(await ended(id)).toMatchObject({ name: before.name, status: 'cancelled', error: 'not today' })
    expect(await runs.source(id)).toMatchObject({ inputs: {} })
    await runs.fork(id, { id: 'late' })
    // a fork that waits itself, and never begins, is forked as well
    await runs.fork(id, { id: 'waits', delay: '1h' })
    await runs.cancel('waits', 'enough')
    await ended('waits')
    await runs.fork('waits', { id: 'again' })
    const workflow = before.name === 'order'
    for (const fork of ['early', 'late', 'again']) {
      await until(async () => (await runs.get(fork)).status === 'waiting')
      await runs.signal(fork, 'go', workflow ? null : { action: 'approve' })
      const { status, outputs, steps } = await ended(fork)
      expect(status).toBe('completed')
      const customer = { queued: 'c-1', timed: 'c-1', debounced: 'c-2', 'parcel-queued': 'c-1' }[id] ?? long
      if (workflow) expect(JSON.stringify(outputs)).toContain(`charged ${customer}`)
      else expect(JSON.stringify(steps.say!.value)).toContain(customer)
    }
  },
)

test('a fork that waits keeps the results of its origin, also for a fork of it', async () => {
  const { runs, ended } = await openOrders()
  for (const [first, step, answer] of [
    ['first', 'charge', null],
    ['parcel', 'say', { action: 'approve' }],
  ] as const) {
    if (first === 'parcel') await runs.start({ source, inputs: { customer: 'c-0' }, id: first })
    await until(async () => (await runs.get(first)).status === 'waiting')
    await runs.signal(first, 'go', answer)
    await ended(first)
    await runs.fork(first, { id: `${first}-waits`, at: step, delay: '1h' })
    await runs.fork(`${first}-waits`, { id: `${first}-now` })
    // the answer of the origin is reused
    expect(await ended(`${first}-now`)).toMatchObject({ status: 'completed' })
    expect((await runs.get(`${first}-now`)).steps[step]!.reused).toBeUndefined()
  }
})

test('`resume` of a run that waits follows it, and it begins in the next process', async () => {
  const first = await openOrders()
  await first.runs.resume('queued')
  await first.stop()
  const { runs, ended, runtime } = await openRuns({ workflows: [order] }, first.folder)
  await runs.resume('queued')
  expect(await runs.get('queued')).toMatchObject({ name: 'order', status: 'waiting' })
  await runtime.engine.start()
  await runs.signal('first', 'go', null)
  await ended('first')
  await runs.signal('queued', 'go', null)
  expect(await ended('queued')).toMatchObject({ status: 'completed' })
})
