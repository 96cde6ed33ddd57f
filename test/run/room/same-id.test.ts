import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { RunRequest, RunsPort } from '../../../src/run/room/port.ts'
import { until } from '../../../src/testing/index.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from '../../workflow/open-runs.ts'

const input = z.object({ cents: z.number(), note: z.string().default(() => `at ${performance.now()}`) })
const count = z.object({ cents: z.number(), times: z.number().default(1) })
const waits = (name: string, schema: z.ZodType = input) =>
  defineWorkflow({
    name,
    input: schema,
    async run(ctx) {
      await ctx.signal('go')
      return name
    },
  })
const workflows = [waits('refund'), waits('ship'), waits('count', count)]
const PIPELINE = `inputs: { to: { type: string }, times: { type: int, default: 1 } }
steps:
  - { id: go, tool: approval-gate, parameters: { title: "To {{ inputs.to }}?" } }
`
const pipeline = (name: string, inputs: RunRequest['inputs'] = { to: 'Oslo' }, more = '') => ({
  source: { text: `name: ${name}\n${PIPELINE}${more}` },
  inputs,
})

const refund = { workflow: 'refund', input: { cents: 500 } }
const mail = pipeline('mail')
/** Starts of one id, each of other content. */
const OTHERS: readonly RunRequest[] = [
  refund,
  { ...refund, input: { cents: 501 } },
  { ...refund, workflow: 'ship' },
  mail,
  pipeline('mail', { to: 'Bergen' }),
  pipeline('post'),
  pipeline('mail', { to: 'Oslo' }, '  - { id: next, tool: echo, parameters: { action: echo hi } }\n'),
]

/** Brings a run into a phase: at work, waiting for a time or a place, ended, cancelled. */
const PHASES: { readonly [phase: string]: (runs: RunsPort, request: RunRequest) => Promise<unknown> } = {
  working: (runs, request) => runs.start(request),
  timed: (runs, request) => runs.start({ ...request, delay: '1h' }),
  async queued(runs, request) {
    await runs.start({ ...mail, id: `before ${request.id}`, queue: { key: 'k' } })
    await runs.start({ ...request, queue: { key: 'k' } })
  },
  async ended(runs, request) {
    await runs.start(request)
    await runs.signal(request.id!, 'go', { action: 'approve' })
    await until(async () => (await runs.get(request.id!)).completed_at !== null)
  },
  async 'cancelled before it began'(runs, request) {
    await runs.start({ ...request, delay: '1h' })
    await runs.cancel(request.id!, 'enough')
    await until(async () => (await runs.get(request.id!)).completed_at !== null)
  },
  async cancelled(runs, request) {
    await runs.start(request)
    await runs.cancel(request.id!, 'enough')
    await until(async () => (await runs.get(request.id!)).completed_at !== null)
  },
}

test.each(Object.keys(PHASES))('a run that is %s keeps its id for its content, also after a restart', async (phase) => {
  const folder = makeFolder()
  const before = await openRuns({ workflows }, folder)
  for (const [n, first] of OTHERS.entries()) await PHASES[phase]!(before.runs, { ...first, id: `r${n}` })
  async function tryAll(runs: RunsPort) {
    for (const n of OTHERS.keys())
      for (const [other, request] of OTHERS.entries()) {
        const again = runs.start({ ...request, id: `r${n}`, priority: 'high', budget: undefined as never })
        if (other === n) expect(await again).toEqual({ id: `r${n}` })
        else await expect(again, `${other} as r${n}`).rejects.toMatchObject({ code: 'id_taken' })
      }
  }
  await tryAll(before.runs)
  await before.stop()
  await tryAll((await openRuns({ workflows }, folder)).runs)
})

test('values that a schema adds make no other content', async () => {
  const { runs } = await openRuns({ workflows })
  await runs.start({ workflow: 'count', input: { cents: 5 }, id: 'a' })
  expect(await runs.start({ workflow: 'count', input: { times: 1, cents: 5 }, id: 'a' })).toEqual({ id: 'a' })
  await expect(runs.start({ workflow: 'count', input: { cents: 5, times: 2 }, id: 'a' })).rejects.toMatchObject({
    code: 'id_taken',
  })
  await runs.start({ ...mail, id: 'b' })
  expect(await runs.start({ ...pipeline('mail', { to: 'Oslo', times: '1' }), id: 'b' })).toMatchObject({ id: 'b' })
  await expect(runs.start({ ...pipeline('mail', { to: 'Oslo', times: 2 }), id: 'b' })).rejects.toMatchObject({
    code: 'id_taken',
  })
})

test('a file counts by its path, also when it has changed or is gone, or by its text', async () => {
  const { runs, folder } = await openRuns({ workflows })
  const file = join(folder, 'mail.yaml')
  const { source, inputs } = mail
  writeFileSync(file, source.text)
  await runs.start({ file, inputs, id: 'a' })
  expect(await runs.start({ source: { ...source, name: file }, inputs, id: 'a' })).toMatchObject({ id: 'a' })
  writeFileSync(file, pipeline('other').source.text)
  expect(await runs.start({ file, inputs, id: 'a' })).toEqual({ id: 'a' })
  rmSync(file)
  expect(await runs.start({ file, inputs, id: 'a' })).toEqual({ id: 'a' })
})

test('of two starts at once with one id, the actor takes one', async () => {
  const { runs } = await openRuns({ workflows })
  const starts = [refund, { ...refund, workflow: 'ship' }, mail].map((one) => runs.start({ ...one, id: 'a' }))
  const ends = await Promise.allSettled(starts)
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'id_taken' })
})

test('a fork and a run of calls keep their ids, too', async () => {
  const { runs, runtime } = await openRuns({ workflows })
  for (const id of ['a', 'b']) await runs.start({ ...mail, id })
  await runs.fork('a', { id: 'fork', set: { to: 'Bergen' } })
  expect(await runs.fork('a', { id: 'fork', set: { to: 'Bergen' } })).toEqual({ id: 'fork' })
  await expect(runs.fork('a', { id: 'fork' })).rejects.toMatchObject({ code: 'id_taken' })
  await expect(runs.fork('b', { id: 'fork', set: { to: 'Bergen' } })).rejects.toMatchObject({ code: 'id_taken' })
  await expect(runs.start({ ...mail, id: 'fork' })).rejects.toMatchObject({ code: 'id_taken' })
  const calls = (a: number) => [{ tool: 'echo', parameters: { action: `echo ${a}` } }]
  await runtime.tools.call(calls(1), { id: 'calls' })
  expect(await runtime.tools.call(calls(1), { id: 'calls' })).toEqual({ id: 'calls' })
  await expect(runtime.tools.call(calls(2), { id: 'calls' })).rejects.toMatchObject({ code: 'id_taken' })
  await expect(runs.start({ ...mail, id: 'calls' })).rejects.toMatchObject({ code: 'id_taken' })
})

test('a start joins an open run of its content alone, also behind another one of the key', async () => {
  const { runs } = await openRuns({ workflows })
  const queue = { key: 'k', slots: 2 }
  const join = { queue: { ...queue, onConflict: 'join' as const } }
  await runs.start({ ...mail, id: 'a', queue })
  await runs.start({ ...refund, id: 'b', queue })
  await runs.start({ ...pipeline('post'), id: 'c', queue })
  expect(await runs.start({ ...mail, ...join })).toEqual({ id: 'a', joined: true })
  expect(await runs.start({ ...refund, ...join })).toEqual({ id: 'b', joined: true })
  expect(await runs.start({ ...pipeline('post'), id: 'd', ...join })).toEqual({ id: 'c', joined: true })
  for (const other of [{ ...refund, workflow: 'ship' }, pipeline('mail', { to: 'Bergen' })])
    await expect(runs.start({ ...other, id: 'd', ...join })).rejects.toMatchObject({
      code: 'id_taken',
      message: expect.stringContaining('"k"'),
    })
  // nothing was remembered under its id
  expect(await runs.start({ ...refund, id: 'd', workflow: 'ship' })).toEqual({ id: 'd' })
})
