import { expect, it, test } from 'vitest'
import { z } from 'zod'
import { scheduleRef } from '../../src/schedule/actor.ts'
import type { ScheduleState } from '../../src/schedule/state.ts'
import { until } from '../../src/testing/until.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openFolder } from '../runtime/inspect/folder.ts'
import { openRuns } from '../workflow/open-runs.ts'

const ECHO = `name: tick
inputs: { who: { type: string, required: true } }
steps: [{ id: say, action: "echo {{ inputs.who }}" }]
outputs: { said: "{{ say.result }}" }
`

async function openEcho() {
  const folder = openFolder()
  folder.write('tick.yaml', ECHO)
  const runtime = await folder.open()
  return { folder, runtime, file: folder.path('tick.yaml') }
}

test('a schedule starts runs of its pipeline, and a run tells nothing of it but its id', async () => {
  const { runtime, file } = await openEcho()
  const made = await runtime.schedules.put('tick', { every: '1h', file, inputs: { who: 'ann' } })
  expect(made).toMatchObject({ status: 'active', overlap: 'skip', missed: 'last', every: 3600, decisions: [] })
  expect(made.next).toHaveLength(10)
  const { id } = await runtime.schedules.run('tick')
  await runtime.idle()
  expect(id).toMatch(/^tick-\d{8}T\d{6}Z-[0-9a-f]{8}-by-hand$/)
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed' })
  expect((await runtime.schedules.get('tick')).decisions).toMatchObject([{ type: 'started', id }])
})

test('a schedule of a second is due again and again', async () => {
  const { runtime, file } = await openEcho()
  await runtime.schedules.put('tick', { every: 1, file, inputs: { who: 'ann' } })
  await expect.poll(async () => (await runtime.runs.list()).length, { timeout: 10_000 }).toBeGreaterThan(1)
})

it.each([
  [{ file: 'tick.yaml' }, /expected either `cron` or `every`/],
  [{ every: 60 }, /expected exactly one of `file`, `pipeline`, `workflow` and `agent`/],
  [{ every: 60, workflow: 'none' }, /This program has no workflow none/],
  [{ every: 60, pipeline: 'a', input: {} }, /`input` is that of a workflow/],
  [{ every: 60, agent: 'clerk' }, /`agent` and `goal` go together/],
  [{ every: 60, zone: 'UTC', pipeline: 'a' }, /`zone` is the time zone of `cron`/],
  [{ every: 60, pipeline: 'none' }, /none/],
  [{ every: 60, agent: 'none', goal: 'Sort.' }, /none/],
])('%j is refused, and nothing is stored', async (request, message) => {
  const { runtime } = await openEcho()
  await expect(runtime.schedules.put('bad', request)).rejects.toThrow(message)
  expect(await runtime.schedules.list()).toEqual([])
})

test('an input that is missing is refused when the schedule is made', async () => {
  const { runtime, file } = await openEcho()
  await expect(runtime.schedules.put('tick', { every: 60, file })).rejects.toThrow(/who/)
})

test('a schedule starts a workflow of the program, whose input its schema checks', async () => {
  const tick = defineWorkflow({
    name: 'tick',
    input: z.object({ who: z.string() }),
    run: async (ctx, { who }) => ctx.step('say', () => `hello ${who}`),
  })
  const { runtime, ended } = await openRuns({ workflows: [tick] })
  const wrong = runtime.schedules.put('tick', { every: '1h', workflow: 'tick', input: { who: 7 } })
  await expect(wrong).rejects.toThrow('input.who: expected a string, got a number')
  await runtime.schedules.put('tick', { every: '1h', workflow: 'tick', input: { who: 'ann' } })
  const { id } = await runtime.schedules.run('tick')
  expect((await ended(id)).outputs).toEqual({ result: 'hello ann' })
})

test('two starts by hand, of two definitions, are two runs', async () => {
  const { runtime, file } = await openEcho()
  const ids: string[] = []
  for (const who of ['ann', 'ben']) {
    await runtime.schedules.put('tick', { every: '1h', file, inputs: { who } })
    ids.push((await runtime.schedules.run('tick')).id)
  }
  await runtime.idle()
  const runs = await Promise.all(ids.map((id) => runtime.runs.get(id)))
  expect(runs.map(({ outputs }) => outputs.said)).toEqual(['ann', 'ben'])
})

test('an instant whose work an earlier process began has begun, as it was defined then', async () => {
  const { runtime, file } = await openEcho()
  const schedules = await runtime.schedules.put('tick', { every: 2, file, inputs: { who: 'ben' } })
  const { nonce } = (await runtime.engine.view.peek(scheduleRef('local', 'tick'))) as ScheduleState
  const id = `tick-${new Date(schedules.next[0]!).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${nonce}`
  await runtime.runs.start({ file, inputs: { who: 'ann' }, id })
  const first = await until(async () => {
    const { decisions } = await runtime.schedules.get('tick')
    return decisions.at(-1)
  })
  expect(first).toMatchObject({ type: 'started', id })
})

test('schedules of antiphon.yaml follow the file: they begin, change and go with it, and stay paused', async () => {
  const { folder, runtime: first } = await openEcho()
  await first.stop({ grace: 0 })
  const write = (text: string) => folder.write('antiphon.yaml', text)
  write('schedules: { nightly: { cron: "0 3 * * *", file: tick.yaml, inputs: { who: ann } } }\n')
  const second = await folder.open()
  expect(await second.schedules.get('nightly')).toMatchObject({ cron: '0 3 * * *', ofFile: true })
  await expect(second.schedules.remove('nightly')).rejects.toMatchObject({ code: 'schedule_of_file' })
  await second.schedules.pause('nightly')
  await second.stop({ grace: 0 })
  write('schedules: { nightly: { cron: "0 4 * * *", file: tick.yaml, inputs: { who: ann } } }\n')
  const third = await folder.open()
  expect(await third.schedules.get('nightly')).toMatchObject({ cron: '0 4 * * *', status: 'paused' })
  await third.stop({ grace: 0 })
  write('schedules: { nightly: { cron: "0 4 * * *", file: none.yaml } }\n')
  await expect(folder.open()).rejects.toThrow(/schedules\.nightly in antiphon\.yaml/)
  write('schedules: {}\n')
  const last = await folder.open()
  await expect.poll(() => last.schedules.list()).toEqual([])
})

test('a forgotten owner has no schedule left', async () => {
  const { runtime, file } = await openEcho()
  for (const owner of ['ann', 'local'])
    await runtime.schedules.put('tick', { every: 3600, file, inputs: { who: owner }, owner })
  expect((await runtime.erasures.forget('ann')).removed).toMatchObject({ schedules: 1 })
  expect((await runtime.schedules.list()).map(({ owner }) => owner)).toEqual(['local'])
})
