import { expect, it } from 'vitest'
import { sayWhy } from '../../../src/runtime/inspect/say-why.ts'
import type { Hold, Why } from '../../../src/runtime/ports/inspector.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { actor, ref } from '../../../trials/conformance/actors.ts'
import { heldYield, openFolder, pipeline, QUESTION } from './folder.ts'

const whyOf = (runtime: Runtime, reference: string) => runtime.inspector.why(reference)

/** The answer once it says what is looked for. */
const whyUntil = (runtime: Runtime, reference: string, isSo: (why: Why) => boolean) =>
  until(async () => {
    const why = await whyOf(runtime, reference).catch(() => undefined)
    return why && isSo(why) && why
  })

const holdOf = <Type extends Hold['type']>({ holds }: Why, type: Type) =>
  holds.find((hold): hold is Extract<Hold, { type: Type }> => hold.type === type)

it('a run waits for its steps: one at work, one in the queue of the pool', async () => {
  const { path, write, open } = openFolder({ workers: 1, queue: 10 })
  write('p.yaml', pipeline(path, { first: 'hold go', second: 'hold go' }))
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  const why = await whyUntil(runtime, id, ({ waitsFor }) =>
    waitsFor.some((step) => holdOf(step, 'effect')?.queued !== undefined),
  )
  expect(why).toMatchObject({
    of: `run/${id}`,
    status: 'running',
    holds: [{ type: 'others', since: expect.any(Number) }],
  })
  expect(why.waitsFor.map(({ of }) => of)).toEqual(['first', 'second'].map((step) => `step/${id}.${step}`))
  const holds = why.waitsFor.map((step) => holdOf(step, 'effect')!)
  for (const { effect, work } of holds) {
    expect(work).toEqual({ kind: 'run', id })
    expect(effect).toMatchObject({ name: 'execute', attempt: 1, since: expect.any(Number), does: 'the tool hold' })
    expect(effect.unbounded).toMatch(/^`timeout: 600` in the step (?:first|second)$/)
  }
  expect(holds.filter(({ queued }) => queued).map(({ queued }) => queued)).toEqual([
    { pool: 'text_step_pool', place: 1, of: 1 },
  ])
  const awaited = async () => (await runtime.runs.steps(id)).map(({ status, waits_for }) => [status, waits_for])
  const isQueued = (step: Why) => holdOf(step, 'effect')!.queued !== undefined
  const inQueue = why.waitsFor.map((step) => ['running', isQueued(step) ? 'pool' : undefined])
  expect(await awaited()).toEqual(inQueue)
})

it('a step whose attempt failed waits for a place again', async () => {
  const { path, write, open } = openFolder({ workers: 1, queue: 10 })
  const retry = 'retry: 9, retry_config: { initial_delay: 0.001 }'
  const text = (step: string) => `name: x\nsteps: [{ id: a, ${step} }]`
  const { runs, inspector } = await open()
  const first = text(`tool: breaks, ${retry}, parameters: { file: ${path('go')} }`)
  const { id } = await runs.start({ source: { text: first } })
  await until(async () => (await runs.steps(id))[0]?.attempts[0]?.started_at)
  const second = await runs.start({ source: { text: text(`tool: hold, parameters: { file: ${path('end')} }`) } })
  await until(async () => (await runs.steps(second.id))[0]?.waits_for === 'pool')
  write('go', '')
  await until(async () => {
    const { effect, queued } = holdOf(await inspector.why(`step/${id}.a`), 'effect') ?? {}
    return queued !== undefined && effect?.attempt === 2
  })
  const place = 'step a is number 1 of 1 in the queue of the pool text_step_pool'
  await until(async () => sayWhy(await inspector.why(id))?.says === place)
  await until(async () => (await runs.steps(id))[0]!.waits_for === 'pool')
  write('end', '')
})

it('a step that failed pauses before its next attempt, and says why and until when', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { bad: 'flaky never max_retries: 9' }))
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  const why = await whyUntil(runtime, `step/${id}.bad`, (each) => holdOf(each, 'effect')?.effect.until !== undefined)
  const { effect } = holdOf(why, 'effect')!
  expect(effect).toMatchObject({ name: 'execute', attempts: 9, problem: { message: 'the server said 500' } })
  expect(effect.attempt).toBeGreaterThan(1)
  expect(effect).not.toHaveProperty('since')
})

it('a call that does not stop at its timeout holds its place, for its run and for the step that waits for it', async () => {
  const { path, write, open } = openFolder({ workers: 1, queue: 10 })
  const deaf = 'deaf go timeout: 0.02, retry: 0, on_failure: continue'
  write('p.yaml', pipeline(path, { bad: deaf, next: 'hold go dependencies: [bad]' }))
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  const why = await whyUntil(runtime, id, ({ waitsFor }) =>
    waitsFor.some((step) => holdOf(step, 'effect')?.queued !== undefined),
  )
  const pool = 'text_step_pool'
  expect(holdOf(why, 'overdue')).toEqual({ type: 'overdue', what: 'deaf', pool, since: expect.any(Number) })
  expect(holdOf(why.waitsFor[0]!, 'effect')!.queued).toEqual({ pool, place: 1, of: 1, overdue: 1 })
  write('go', '')
  await runtime.idle()
  expect(holdOf(await whyOf(runtime, id), 'overdue')).toBeUndefined()
})

const namesDown = (why: Why): readonly string[] => [why.of, ...why.waitsFor.flatMap(namesDown)]

it('a step that asks waits for its thread, that for its phase, and that is at work or was left', async () => {
  const { path, write, open } = openFolder()
  write('notes.md', 'The ship leaves the harbour at noon.')
  write('p.yaml', QUESTION)
  const hold = gate()
  const first = await open([], [heldYield(hold)])
  const { id } = await first.runs.start({ file: path('p.yaml') })
  await hold.started
  const wanted = [`run/${id}`, `step/${id}.ship`, 'chain/main', 'phase/main.yield']
  const live = await whyOf(first, id)
  expect(namesDown(live)).toEqual(wanted)
  expect(live.waitsFor[0]!.waitsFor[0]!.waitsFor[0]!.holds).toMatchObject([{ type: 'turn' }])
  expect(await first.inspector.stranded()).toEqual([])
  await first.stop({ grace: 0 })
  const second = await open()
  expect(namesDown(await whyOf(second, id))).toEqual(wanted)
  expect(await whyOf(second, 'phase/main.yield')).toMatchObject({ status: 'left', holds: [{ type: 'left' }] })
  expect(await second.inspector.stranded()).toEqual([])
  await second.runs.resume(id)
  await second.idle()
  expect((await whyOf(second, id)).holds).toMatchObject([{ type: 'over', at: expect.any(Number) }])
})

it('a running ask is found by its id, and so is a queued one', async () => {
  const { write, path, open } = openFolder()
  write('notes.md', 'The ship leaves the harbour at noon.')
  const hold = gate()
  const runtime = await open([], [heldYield(hold)])
  const files = [path('notes.md')]
  const asked = ['ask_1', 'ask_2'].map((id) =>
    runtime.threads.ask({ prompt: 'When does it leave?', thread: 'main', files, id }),
  )
  await hold.started
  for (const id of ['ask_1', 'ask_2']) expect((await whyOf(runtime, id)).of).toBe('chain/main')
  hold.release()
  await Promise.all(asked)
  expect(await whyOf(runtime, 'ask_1')).toMatchObject({ of: 'chain/main', status: 'completed' })
})

it('a run that is over says what was to help and failed, too', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { bad: 'flaky never max_retries: 0, on_error: {handler_action: "!false"}' }))
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  await runtime.idle()
  const [over] = (await whyOf(runtime, id)).holds
  expect(over).toMatchObject({ problem: { message: 'the server said 500', step: 'bad' } })
  expect(over).toMatchObject({ failedHandlers: [{ by: '!false', problem: { code: 'tool_failed' } }] })
  expect(over).not.toHaveProperty('problem.failedHandlers')
})

it('`why` names work that an earlier process left, with its attempt, on a folder that resumes nothing', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { bad: 'flaky never max_retries: 9', held: 'hold go' }))
  const first = await open()
  const { id } = await first.runs.start({ file: path('p.yaml') })
  await whyUntil(first, `step/${id}.bad`, (each) => holdOf(each, 'effect')?.effect.until !== undefined)
  await first.stop({ grace: 0 })
  const second = await open()
  const why = await whyOf(second, id)
  expect(why.waitsFor.map(({ status }) => status)).toEqual(['left', 'left'])
  const [bad, held] = why.waitsFor.map((step) => holdOf(step, 'left')!)
  expect(bad).toMatchObject({
    work: { kind: 'run', id },
    effect: { name: 'execute', attempt: expect.any(Number), problem: { message: 'the server said 500' } },
  })
  expect(held).not.toHaveProperty('effect.problem')
  expect(second.status().active).toEqual([])
  expect(await second.inspector.stranded()).toEqual([])
})

it('an id that a run and a thread have is refused with both names, and each name finds its own', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { a: 'hold go' }))
  const runtime = await open()
  await runtime.threads.open({ id: 'both' })
  await runtime.runs.start({ file: path('p.yaml'), id: 'both' })
  await expect(whyOf(runtime, 'both')).rejects.toThrow('both names several things: run/both, chain/both.')
  for (const name of ['run/both', 'chain/both']) expect(await whyOf(runtime, name)).toMatchObject({ of: name })
})

it('a hold says what its work is, whatever the id of that looks like', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { a: 'hold go' }))
  const hold = gate()
  const busy = actor('busy', null, async (_state, _message, effects) => {
    await effects.run('work', ({ signal }) => hold.pass(signal))
    return {}
  })
  const runtime = await open([busy])
  for (const id of ['goal_7', 'ask_7', 'lasting']) {
    await runtime.runs.start({ file: path('p.yaml'), id })
    const why = await whyUntil(runtime, `step/${id}.a`, (each) => holdOf(each, 'effect') !== undefined)
    expect(holdOf(why, 'effect')?.work).toEqual({ kind: 'run', id })
  }
  expect(runtime.status().active).toEqual(['goal_7', 'ask_7', 'lasting'].map((id) => ({ kind: 'run', id })))
  await runtime.engine.tell(ref('busy'), 'hold', { correlationId: 'goal_7' })
  await hold.started
  expect(holdOf(await whyOf(runtime, 'busy/1'), 'effect')?.work).toEqual({ kind: 'run', id: 'goal_7' })
  hold.release()
})

it('a loop is waited for through its iterations, of which twenty are shown', async () => {
  const { path, write, open } = openFolder({ workers: 30, queue: 10 })
  const items = Array.from({ length: 25 }, (_, index) => index)
  const body = `{ id: one, tool: hold, parameters: { file: ${path('go')} } }`
  write(
    'p.yaml',
    `name: loop\nsteps:\n  - id: each\n    for_each: [${items}]\n    max_parallel: 25\n    steps:\n      - ${body}\n`,
  )
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  const why = await whyUntil(runtime, id, ({ waitsFor, more }) => waitsFor.length + more === 25)
  expect(why.more).toBe(5)
  expect(why.waitsFor.map(({ of }) => of)).toContain(`step/${id}.each_0_one`)
  expect(await runtime.inspector.stranded()).toEqual([])
  write('go', '')
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed' })
})

it('an ended actor is not shown as awaited once its message has arrived', async () => {
  const { open } = openFolder()
  const hold = gate()
  const waiter = actor('waiter', null, async (_state, message, effects) => {
    if (message === 'wait') return { index: { waits: 'nobody/1' }, reply: true }
    await effects.run('work', ({ signal }) => hold.pass(signal))
    return {}
  })
  const first = await open([waiter])
  await first.engine.ask(ref('waiter'), 'wait')
  expect(await whyOf(first, 'waiter/1')).toMatchObject({
    holds: [{ type: 'stranded' }],
    waitsFor: [{ status: 'gone' }],
  })
  await first.engine.tell(ref('waiter'), 'work')
  await hold.started
  await first.stop({ grace: 0 })
  const second = await open([waiter])
  expect(await whyOf(second, 'waiter/1')).toMatchObject({
    status: 'left',
    holds: [{ type: 'left' }],
    waitsFor: [],
  })
})

it('a run that is over says when and why', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { bad: 'flaky never max_retries: 1' }))
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('p.yaml') })
  await runtime.idle()
  expect(await whyOf(runtime, id)).toMatchObject({
    status: 'failed',
    holds: [{ type: 'over', at: expect.any(Number), problem: { message: 'the server said 500', step: 'bad' } }],
    waitsFor: [],
  })
})

it('an actor that has broken the invariant is named, also when it is met on the way', async () => {
  const { open } = openFolder()
  const broken = actor('broken', null, (_state, message) => ({ index: { waits: message as string }, reply: true }))
  const runtime = await open([broken])
  await runtime.engine.ask(ref('broken', 'a'), 'broken/b')
  await runtime.engine.ask(ref('broken', 'b'), 'signal:go')
  expect((await whyOf(runtime, 'broken/b')).holds).toEqual([{ type: 'signal', name: 'go' }])
  expect(await runtime.inspector.stranded()).toEqual([])
  await runtime.engine.ask(ref('broken', 'b'), 'broken/a')
  expect(await runtime.inspector.stranded()).toEqual(['broken/a', 'broken/b'])
  const why = await whyOf(runtime, 'broken/a')
  expect(why.holds).toEqual([{ type: 'stranded' }])
  expect(why.waitsFor).toMatchObject([{ of: 'broken/b', holds: [{ type: 'stranded' }], waitsFor: [] }])
})

it('mail, timers and a turn outside of effects are shown', async () => {
  const { open } = openFolder()
  const hold = gate()
  const busy = actor('busy', null, async (_state, message, effects) => {
    if (message === 'timer') return { timers: { wake: { delay: 60_000, body: 'woken' } }, reply: true }
    await effects.run('work', ({ signal }) => hold.pass(signal))
    return {}
  })
  const runtime = await open([busy])
  await runtime.engine.ask(ref('busy'), 'timer')
  await runtime.engine.tell(ref('busy'), 'hold', { id: 'm1' })
  await runtime.engine.tell(ref('busy'), 'hold', { id: 'm2' })
  await hold.started
  expect((await whyOf(runtime, 'busy/1')).holds).toMatchObject([
    { type: 'effect', work: { kind: 'message', id: 'm1' }, effect: { name: 'work', attempt: 1 } },
    { type: 'mail', count: 1 },
    { type: 'timer', timer: 'wake' },
  ])
  hold.release()
})

it('dead letters of a piece of work are shown with it', async () => {
  const { open } = openFolder()
  const bad = actor('bad', 0, (_state, message) => {
    if (message === 'break') throw new Error('a bug')
    return { state: 1, reply: true }
  })
  const runtime = await open([bad])
  await runtime.engine.ask(ref('bad'), 'fine')
  await runtime.engine.tell(ref('bad'), 'break', { id: 'm' })
  const why = await whyUntil(runtime, 'bad/1', ({ letters }) => letters.length > 0)
  expect(why.letters).toMatchObject([{ id: 'm', to: 'bad/1', problem: { message: 'a bug' } }])
})

it('an unknown id is refused with the nearest one', async () => {
  const { path, write, open } = openFolder()
  write('p.yaml', pipeline(path, { held: 'hold go' }))
  const runtime = await open()
  await runtime.runs.start({ file: path('p.yaml'), id: 'run_abcdef' })
  await expect(whyOf(runtime, 'run_abcdfe')).rejects.toThrow(
    'There is no run, goal, question, thread or actor `run_abcdfe`. Did you mean run_abcdef?',
  )
  await expect(whyOf(runtime, 'run/run_abcdeg')).rejects.toThrow('Did you mean run/run_abcdef?')
  await expect(whyOf(runtime, 'something else')).rejects.toMatchObject({
    name: 'NotFoundError',
    message: expect.stringContaining('antiphon actors list'),
  })
})
