import { describe, expect, test, vi } from 'vitest'
import type { ScriptedTurn } from '../../src/testing/scripted-model.ts'
import { answer, openGoals } from '../agent/goal/folder.ts'
import { fastClock } from '../fast-clock.ts'

const busy = (times = 1, headers = {}): ScriptedTurn => ({
  error: { statusCode: 429, message: 'Rate limit reached', responseHeaders: headers },
  times,
})
const down = (times: number): ScriptedTurn => ({ error: { statusCode: 503, message: 'overloaded' }, times })

const once = (reply: string): ScriptedTurn => ({ ...answer(reply), times: 1 })

const TEXT =
  'name: x\nsteps:\n  - { id: a, action: generate, parameters: { prompt: Hello. } }\noutputs: { o: "{{ a.result }}" }\n'
const source = (text: string) => ({ source: { name: 'x.yaml', text }, inputs: {} })

/** A run on a clock that is a hundred times as fast, until nothing is left to do. */
async function run(script: readonly ScriptedTurn[], text = TEXT, yaml = '') {
  const opened = await openGoals(script, yaml, { clock: fastClock(Date.now(), 100) })
  const { id } = await opened.runtime.runs.start(source(text))
  await opened.runtime.idle()
  return { ...opened, id, document: await opened.runtime.runs.get(id) }
}

describe('a step whose provider is busy', () => {
  test('waits and goes on, and the wait is not an attempt', async () => {
    const { document, model } = await run([busy(5), answer('well')])
    expect(document).toMatchObject({ status: 'completed', outputs: { o: 'well' } })
    expect(model.calls).toHaveLength(6)
  })

  test('tells when it asks again', async () => {
    const { runtime, id } = await run([busy(1, { 'retry-after': '20' }), answer('well')])
    const events: { readonly type?: string; readonly until?: number; readonly problem?: { readonly code: string } }[] =
      []
    for await (const { body } of runtime.runs.events(id)) events.push(body as object)
    const [wait, ...more] = events.filter(({ type }) => type === 'step-wait')
    expect(more).toEqual([])
    expect(wait).toMatchObject({ step: 'a', problem: { code: 'model_rate_limited' } })
    const { started_at: startedAt } = await runtime.runs.get(id)
    expect(wait!.until! - Date.parse(String(startedAt))).toBeGreaterThanOrEqual(20_000)
  })

  test.each([
    ['its own patience', TEXT.replace('generate,', 'generate, patience: 5s,'), ''],
    ['that of its pool', TEXT, 'patience: 1d\npools: { text_step_pool: { patience: 5 } }\n'],
    ['that of antiphon.yaml', TEXT, 'patience: 5s\n'],
  ])('fails after %s, with the reason', async (_, text, yaml) => {
    const { document } = await run([down(99)], text, yaml)
    expect(document).toMatchObject({
      status: 'failed',
      error_code: 'model_overloaded',
      error: expect.stringMatching(/which is all the patience: .*status 503/),
    })
  })

  test('makes its attempts at once without patience', async () => {
    const { document, model } = await run([busy(99)], TEXT, 'patience: 0\n')
    expect(document).toMatchObject({
      status: 'failed',
      error_code: 'model_rate_limited',
    })
    expect(model.calls).toHaveLength(3)
  })

  test('a tag waits, and its answer is kept', async () => {
    const text =
      'name: x\nsteps:\n  - { id: a, tool: filesystem, action: write, parameters: { path: <AUTO>Say a name</AUTO>, content: <AUTO>Say a text</AUTO> } }\n'
    const { document, model } = await run([once('one.txt'), busy(2), once('two')], text)
    expect(document).toMatchObject({ status: 'completed' })
    expect(model.calls).toHaveLength(4)
  })

  test('a fallback waits, too', async () => {
    const text = `name: x
steps:
  - { id: a, tool: filesystem, action: read, parameters: { path: none.txt }, fallback: [b] }
  - { id: b, action: generate, parameters: { prompt: Hello. } }
`
    const { document } = await run([busy(2), answer('well')], text)
    expect(document).toMatchObject({ status: 'completed' })
  })

  test('each item of a loop waits for itself, and the others go on', async () => {
    const text = `name: x
steps:
  - { id: l, for_each: [1, 2, 3], steps: [{ id: a, action: generate, parameters: { prompt: "Say {{ item }}" } }] }
`
    const { document, model } = await run([once('one'), busy(2), answer('more')], text)
    expect(document).toMatchObject({ status: 'completed' })
    expect(model.calls.length).toBe(5)
  })

  test('is listed in the inbox once the wait is long, and why explains it; a cancelled run stops waiting', async () => {
    const { runtime } = await openGoals([busy(9, { 'retry-after': '600' })])
    const { id } = await runtime.runs.start(source(TEXT))
    await vi.waitFor(async () => expect(await runtime.inbox.list()).toHaveLength(1), 60_000)
    expect(await runtime.inbox.list({ run: id })).toMatchObject([
      { kind: 'provider', run: id, step: 'a', title: expect.stringContaining('429'), until: expect.any(Number) },
    ])
    const { waitsFor } = await runtime.inspector.why(`run/${id}`)
    expect(waitsFor[0]!.holds.map(({ type }) => type).toSorted()).toEqual(['provider', 'timer'])
    await runtime.runs.cancel(id, 'not needed')
    await runtime.idle()
    expect(await runtime.runs.get(id)).toMatchObject({ status: 'cancelled' })
    expect(await runtime.inbox.list()).toEqual([])
  })

  test('goes on in another process', async () => {
    const { runtime, open, model } = await openGoals([busy(1, { 'retry-after': '2' }), answer('well')])
    const { id } = await runtime.runs.start(source(TEXT))
    await vi.waitFor(async () => expect(model.calls).toHaveLength(1), 60_000)
    await vi.waitFor(
      async () => expect((await runtime.runs.get(id)).steps.a).toMatchObject({ status: 'waiting' }),
      5000,
    )
    await runtime.stop({ grace: 0 })
    const again = await open()
    await again.runs.resume(id)
    await again.idle()
    expect(await again.runs.get(id)).toMatchObject({ status: 'completed', outputs: { o: 'well' } })
    expect(model.calls).toHaveLength(2)
  })
})

describe('a question whose provider is busy', () => {
  test('waits and is answered', async () => {
    const { runtime, model } = await openGoals([busy(2), answer('At noon.')], '', { clock: fastClock(Date.now(), 100) })
    const { answer: said } = await runtime.threads.ask({ prompt: 'When is ebb?', thread: 'tides' })
    expect(said).toContain('At noon.')
    expect(model.calls.length).toBeGreaterThanOrEqual(3)
  })

  const LATER = { 'retry-after': '60' }

  test('fails after its patience, and resume continues at the phase that failed', async () => {
    const { runtime } = await openGoals([busy(1, LATER), answer('At noon.')], 'patience: 5s\n')
    const { id } = await runtime.threads.startAsk({ prompt: 'When is ebb?', thread: 'tides' })
    await runtime.idle()
    const failed = await runtime.threads.getAsk('tides', id)
    expect(failed).toMatchObject({ status: 'failed', problem: { code: 'model_rate_limited' } })
    // later phases do not wait for the same provider
    expect(failed.phases).toMatchObject([{ phase: 'action' }])
    await runtime.threads.resumeAsk('tides', id)
    await runtime.idle()
    expect(await runtime.threads.getAsk('tides', id)).toMatchObject({
      status: 'completed',
      answer: expect.stringContaining('At noon.'),
    })
    await expect(runtime.threads.resumeAsk('tides', id)).rejects.toMatchObject({ code: 'ask_over' })
    await expect(runtime.threads.resumeAsk('tides', 'ask_none')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('reuses the phases before the one that failed', async () => {
    const script = [once('At noon.'), busy(1, LATER), answer('At noon.')]
    const { runtime, model } = await openGoals(script, 'patience: 5s\n')
    const { id } = await runtime.threads.startAsk({ prompt: 'When is ebb?', thread: 'tides' })
    await runtime.idle()
    const failed = await runtime.threads.getAsk('tides', id)
    expect(failed).toMatchObject({ status: 'failed', phases: expect.arrayContaining([]) })
    expect(model.calls).toHaveLength(2)
    await runtime.threads.resumeAsk('tides', id)
    await runtime.idle()
    const { status, phases } = await runtime.threads.getAsk('tides', id)
    expect(status).toBe('completed')
    expect(phases.filter(({ phase }) => phase === 'action')).toHaveLength(1)
  })
})

test('resume takes up a question that still waits', async () => {
  const { runtime, open } = await openGoals([busy(1, { 'retry-after': '3' }), answer('At noon.')])
  const { id } = await runtime.threads.startAsk({ prompt: 'When is ebb?', thread: 'tides' })
  await vi.waitFor(
    async () => expect((await runtime.inspector.why(id)).waitsFor[0]?.holds[0]?.type).toBeDefined(),
    5000,
  )
  await runtime.stop({ grace: 0 })
  const again = await open()
  await again.threads.resumeAsk('tides', id)
  await again.idle()
  expect(await again.threads.getAsk('tides', id)).toMatchObject({ status: 'completed' })
})

test('a run that has failed is forked with its results, as resume does', async () => {
  const text = `name: x
steps:
  - { id: a, action: generate, parameters: { prompt: One. } }
  - { id: b, action: generate, parameters: { prompt: "{{ a.result }}" } }
`
  const later = { 'retry-after': '60' }
  const { runtime, model } = await openGoals([once('one'), busy(1, later), answer('two')], 'patience: 5s\n')
  const { id } = await runtime.runs.start(source(text))
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'failed' })
  const { id: next } = await runtime.runs.fork(id)
  await runtime.idle()
  expect(await runtime.runs.get(next)).toMatchObject({ status: 'completed' })
  expect(model.calls).toHaveLength(3)
})
