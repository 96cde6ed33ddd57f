import { expect, test, vi } from 'vitest'
import type { ActorListQuery, ListedActor } from '../../../src/engine/engine.ts'
import { selectListed } from '../../../src/engine/select.ts'
import type { ActorIndex } from '../../../src/kernel/types.ts'
import { countRuns, listRuns } from '../../../src/run/room/list/list.ts'
import { WaitingRuns } from '../../../src/run/room/list/waiting-runs.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'
const QUICK = 'name: quick\nsteps: [{ id: one, tool: debug, parameters: { message: hi } }]'
const BROKEN = `name: broken
steps:
  - { id: first, tool: debug, parameters: { message: hi } }
  - { id: second, tool: terminal, dependencies: [first], parameters: { command: "false" } }
  - { id: third, tool: debug, dependencies: [second], parameters: { message: hi } }`
const GATE_BELOW = `name: above
steps:
  - id: sub
    tool: pipeline-executor
    parameters:
      pipeline:
        name: low
        steps:
          - { id: ok, tool: approval-gate, parameters: { title: Send it? } }
          - { id: too, tool: approval-gate, dependencies: [ok], parameters: { title: And this? } }`
const ABOVE = `name: above
steps: [{ id: sub, tool: pipeline-executor, parameters: { pipeline: { name: low, steps: [{ id: say, tool: debug, parameters: { message: hi } }] } } }]`

test('a list of runs is filtered, counted, and says how far each run is and why it stands still', async () => {
  const { runs, inbox } = await openFolder().open()
  const start = async (text: string) => (await runs.start({ source: { text } })).id
  const ended = (id: string) => until(async () => (await runs.get(id)).completed_at !== null)
  const [gate, quick, broken, above] = [await start(GATE), await start(QUICK), await start(BROKEN), await start(ABOVE)]
  await Promise.all([quick, broken, above].map(ended))
  await until(async () => (await inbox.list()).length === 1)
  const names = async (query: Parameters<typeof runs.list>[0]) =>
    (await runs.list(query)).map(({ name }) => name).sort()

  expect(await names({ top: true })).toEqual(['above', 'broken', 'gate', 'quick'])
  expect(await names({ name: 'low' })).toEqual(['low'])
  expect(await names({ text: 'BROK' })).toEqual(['broken'])
  const { problem } = (await runs.list({ status: 'failed', details: true }))[0]!.details!
  expect(problem).toMatchObject({ step: 'second' })
  expect(await names({ error: problem!.code })).toEqual(['broken'])
  expect(await names({ text: problem!.message.slice(0, 12) })).toEqual(['broken'])
  expect(await names({ error: 'no_such_code' })).toEqual([])
  const { startedAt } = (await runs.list({ name: 'broken' }))[0]!
  expect(await names({ since: startedAt + 60_000 })).toEqual([])
  expect(await names({ until: startedAt - 60_000 })).toEqual([])
  expect(await names({ since: startedAt, until: startedAt, name: 'broken' })).toEqual(['broken'])
  expect((await runs.list({ top: 'true', limit: 1, after: undefined as never })).length).toBe(1)

  expect(await runs.counts()).toEqual({ running: 0, waiting: 1, completed: 3, failed: 1, cancelled: 0 })
  expect(await runs.counts({ top: true, since: startedAt + 60_000 })).toMatchObject({ waiting: 0, completed: 0 })

  const [waiting] = await runs.list({ status: 'waiting', details: true })
  expect(waiting).toMatchObject({
    id: gate,
    details: { total: 1, done: 0, stands: { says: 'step ok waits for an answer', person: true } },
  })
  expect((await runs.list({ name: 'broken', details: true }))[0]!.details).toMatchObject({ done: 1, failed: 1 })
})

test('rows of steps say when each was ready, and come in pages', async () => {
  const { runs } = await openFolder().open()
  const { id } = await runs.start({ source: { text: BROKEN } })
  await until(async () => (await runs.get(id)).completed_at !== null)
  const rows = await runs.steps(id)
  const [first, second] = rows
  expect(rows.map((row) => row.id)).toEqual(['first', 'second', 'third'])
  expect(first).not.toHaveProperty('value')
  expect(second!.ready_at).toBe(first!.completed_at)
  expect((await runs.steps(id, { limit: 1, after: 'first' })).map((row) => row.id)).toEqual(['second'])
  await expect(runs.steps(id, { after: 'no' })).rejects.toMatchObject({ code: 'bad_cursor' })
})

test('a run is listed as waiting behind a thousand steps that wait', async () => {
  const startedAt = 1
  const listed = (key: string, index: ActorIndex) => ({ key, index })
  const running = ['a', 'ab', 'b.call'].map((run) => listed(run, { status: 'running', name: 'p', startedAt }))
  const shown = async (steps: readonly string[]) => {
    const list = async (kind: string) =>
      kind === 'run' ? running : kind === 'step' ? steps.map((key) => listed(key, {})) : []
    const asked: string[] = []
    const isWaiting = async (run: string) => asked.push(run) > 0
    const reading = { view: { list }, rest: { isWaiting } } as unknown as Parameters<typeof listRuns>[0]
    const waiting = (await listRuns(reading, { status: 'waiting' })).map(({ id }) => id)
    const open = (await listRuns(reading, { status: 'open', limit: 2 })).map(({ id, status }) => `${id} ${status}`)
    expect(open).toEqual(['a waiting', steps.length < 1000 ? 'ab running' : 'ab waiting'])
    return { waiting, asked: asked.slice(0, waiting.length) }
  }
  // few steps say which runs may wait; behind many, each run is asked
  expect(await shown(['a.ok', 'b.call.ok'])).toEqual({ waiting: ['a', 'b.call'], asked: ['a', 'b.call'] })
  const many = Array.from({ length: 1000 }, (_, n) => `other.q${n}`)
  expect(await shown(many)).toEqual({ waiting: ['a', 'ab', 'b.call'], asked: ['a', 'ab', 'b.call'] })
})

test('a count reads only waiting runs that may have changed since the last one', async () => {
  const { engine, runs, inbox, idle } = await openFolder().open()
  const start = async (text: string) => (await runs.start({ source: { text } })).id
  const gates = await Promise.all(Array.from({ length: 20 }, () => start(GATE)))
  const above = await start(GATE_BELOW)
  const timed = await start(GATE.replace('title:', 'timeout: 3600, title:'))
  await idle()
  expect(await inbox.list()).toHaveLength(22)
  const inspect = vi.spyOn(engine.view, 'inspect')
  const count = async () => {
    inspect.mockClear()
    const { waiting, running } = await runs.counts()
    const read = inspect.mock.calls.flatMap(([query]) => (query?.kind === 'run' ? [query.key!] : []))
    return { waiting, running, read: read.sort() }
  }
  // the run above, its child run, and the timed one
  expect(await count()).toMatchObject({ waiting: 23, running: 0 })
  expect(await count()).toEqual({ waiting: 23, running: 0, read: [] })

  await runs.signal(gates[0]!, 'ok', { action: 'approve' })
  await runs.cancel(timed, 'too late')
  await idle()
  expect(await count()).toEqual({ waiting: 21, running: 0, read: [] })

  // a run below another one has changed
  await runs.signal(`${above}.sub`, 'ok', { action: 'approve' })
  await until(async () => (await inbox.list()).some(({ title }) => title === 'And this?'))
  await idle()
  const { waiting, read } = await count()
  expect({ waiting, read: [...new Set(read)] }).toEqual({ waiting: 21, read: [above, `${above}.sub`] })
  expect(await count()).toMatchObject({ waiting: 21, read: [] })
})

test('the first count of many runs that wait reads only those whose steps do not say it', async () => {
  const { engine, runs, inbox, idle } = await openFolder().open()
  const start = async (text: string) => (await runs.start({ source: { text } })).id
  const gates = await Promise.all(Array.from({ length: 210 }, () => start(GATE)))
  const above = await start(GATE_BELOW)
  await idle()
  const inspect = vi.spyOn(engine.view, 'inspect')
  expect(await runs.counts()).toMatchObject({ waiting: 212, running: 0 })
  const read = inspect.mock.calls.flatMap(([query]) => (query?.kind === 'run' ? [query.key] : []))
  expect([...new Set(read)]).toEqual([above, `${above}.sub`])
  await runs.signal(gates[7]!, 'ok', { action: 'approve' })
  await idle()
  expect(await runs.counts()).toMatchObject({ waiting: 211, running: 0, completed: 1 })
  expect(await inbox.list({ run: gates[7]! })).toEqual([])
})

/** Lists of steps that wait, and what moves. */
function openSteps(many: number) {
  const step = (key: string, index: ActorIndex): ListedActor => ({ key, index: { status: 'waiting', ...index } })
  const waiting = (run: string, more: ActorIndex = {}) =>
    step(`${run}.ok`, { run, waits: 'signal:ok', inbox: 1, ...more })
  const steps = [...Array.from({ length: many }, (_, n) => waiting(`r${String(n).padStart(5, '0')}`))]
  const moving = { run: new Map<string, number>(), step: new Map<string, number>() }
  const asked: string[] = []
  let changed: ((actor: string) => void)[] = []
  let during = () => {}
  const list = vi.fn(async (_kind: string, query: ActorListQuery) => {
    during()
    return selectListed(steps, query)
  })
  const runs = new WaitingRuns({
    clock: { now: () => 1000, elapsed: () => 1000 },
    watch(listener) {
      changed.push(listener)
      return () => (changed = changed.filter((one) => one !== listener))
    },
    moving: (kind) => moving[kind as keyof typeof moving],
    view: { list },
    rest: { isWaiting: async (run) => asked.push(run) < 0 },
  })
  return {
    ...{ runs, steps, step, waiting, moving, list, asked },
    change: (actor: string) => changed.forEach((tell) => tell(actor)),
    during: (act: () => void) => void (during = act),
    watchers: () => changed.length,
  }
}

test('many runs that wait are known from one look at all steps, without reading one of them', async () => {
  const { runs, steps, list, asked } = openSteps(10_000)
  await runs.learn()
  for (const { index } of steps) expect(runs.isKnown(String(index.run))).toBe(true)
  expect([asked, list.mock.calls.length]).toEqual([[], 11])
  // another page of the same count does not look again
  await runs.learn()
  expect(list).toHaveBeenCalledTimes(11)
})

test('a run is read if something in it moves, waits for another actor or changes during the look', async () => {
  const { runs, steps, step, waiting, moving, change, during, watchers } = openSteps(1)
  steps.push(waiting('child'), step('child.other', { waits: 'run/child.other' }), waiting('named.too'))
  steps.push(waiting('mail'), waiting('turn'), waiting('timed'), waiting('early'), step('named.call', { until: 5000 }))
  steps.push(step('busy.works', {}), waiting('busy'))
  moving.run.set('mail', 0)
  moving.step.set('turn.next', 0).set('timed.ok', 5000).set('early.ok', 900)
  during(() => {
    if (steps.at(-1)!.key === 'changed.ok') return
    steps.push(waiting('changed'))
    change('run/changed')
  })
  await runs.learn()
  const known = (...names: readonly string[]) => names.filter((run) => runs.isKnown(run))
  expect(known('r00000', 'child', 'mail', 'turn', 'timed', 'early', 'changed', 'busy', 'named', 'named.too')).toEqual([
    'r00000',
    'timed',
    'named.too',
  ])
  // what it learnt is dropped like what it read
  change('step/named.too.ok')
  expect([known('r00000', 'named.too'), watchers()]).toEqual([['r00000'], 1])
})

test('a waiting run is read again once its timer is due, or if it changed while it was read', async () => {
  const clock = { now: () => now, elapsed: () => now }
  let now = 1000
  let changed: ((actor: string) => void) | undefined
  let during = () => {}
  const read = vi.fn()
  const waiting = new WaitingRuns({
    clock,
    watch(listener) {
      changed = listener
      return () => (changed = undefined)
    },
    rest: {
      async isWaiting(run, note) {
        read(run)
        note?.(`run/${run}`)
        note?.(`step/${run}.ok`)
        note?.(`step/${run}.ok`, 5000)
        during()
        return true
      },
    },
  })
  const reads = async (run: string) => {
    read.mockClear()
    expect(await waiting.isWaiting(run)).toBe(true)
    return read.mock.calls.length
  }
  expect([await reads('a'), await reads('a'), await reads('b')]).toEqual([1, 0, 1])
  changed!('step/a.ok')
  expect([await reads('a'), await reads('a'), await reads('b')]).toEqual([1, 0, 0])
  now = 5000
  expect([await reads('b'), await reads('b')]).toEqual([1, 1])
  now = 4000
  during = () => changed!('step/c.ok')
  expect([await reads('c'), await reads('c')]).toEqual([1, 1])
  // nobody has asked for long, so it listens no more
  now += 600_001
  changed!('step/none')
  expect(changed).toBeUndefined()
})

test('without a table, the index is read once for all pages of a list and of a count', async () => {
  const runs = Array.from({ length: 5000 }, (_, n) => ({
    key: `r${n}`,
    index: { status: 'completed', name: n === 4999 ? 'last' : 'p', startedAt: 5000 - n },
  }))
  const list = vi.fn(async (_kind: string, query: ActorListQuery) => selectListed(runs, query))
  const reading = { view: { list } } as unknown as Parameters<typeof listRuns>[0]
  expect((await listRuns(reading, { name: 'last' })).map(({ id }) => id)).toEqual(['r4999'])
  expect(list).toHaveBeenCalledTimes(1)
  expect(await countRuns(reading, {})).toMatchObject({ completed: 5000, failed: 0 })
  // one for each status that is stored
  expect(list).toHaveBeenCalledTimes(5)
})
