import { expect, it } from 'vitest'
import { createBus, follow } from '../../src/engine/bus.ts'
import type { NumberedEvent } from '../../src/engine/engine.ts'
import type { ServedRuntime } from '../../src/runtime/ports.ts'
import { createThreads } from '../../src/thread/room/follow-threads.ts'
import type { Activity } from '../../src/work/activity.ts'
import { type FollowedWork, followToEnd, hasEnded } from '../../src/work/follow.ts'
import { takeFirst } from '../../trials/conformance/actors.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

/** An actor of which 10 events are read at a time, with two pieces of work whose events lie between each other; how many were read. */
function createActor(ends: readonly (number | undefined)[] = [undefined, undefined], count = 1000) {
  const happened = createBus<unknown>()
  const events: NumberedEvent[] = []
  const counts = { read: 0 }
  const isOver = (work: number) => events.some(({ n }) => n === ends[work])
  const add = (more: number) => {
    for (let n = events.length + 1; n <= count && more > 0; n++, more--) {
      const end = ends.indexOf(n)
      const work = end === -1 ? n % 2 : end
      events.push({ n, correlationId: `w${work}`, body: { type: end === -1 ? 'step' : 'end' } })
    }
    happened.publish('a', undefined)
  }
  const read = async (after: number) => {
    const page = events.slice(after, after + 10)
    counts.read += page.length
    return page
  }
  const view = { events: (_: unknown, from: object | undefined) => follow(happened, 'a', read, from) }
  const work = (of: number): FollowedWork => ({
    of: { kind: 'a', key: 'a' },
    isOwn: ({ correlationId }) => correlationId === `w${of}`,
    last: 'end',
    isOver: async () => isOver(of),
  })
  return { view, work, add, counts }
}

const numbers = (events: readonly NumberedEvent[]) => events.map(({ n }) => n)

it('reads from the place that is asked for, not from the first event on', async () => {
  const { view, work, add, counts } = createActor([undefined, 1000])
  add(999)
  const events = followToEnd(view, work(1), { after: 995 })
  expect(numbers(await takeFirst(events, 2))).toEqual([997, 999])
  expect(counts.read).toBeLessThanOrEqual(10)
  add(1)
  counts.read = 0
  expect(numbers(await takeFirst(followToEnd(view, work(1), { after: 995 })))).toEqual([997, 999, 1000])
  expect(counts.read).toBeLessThanOrEqual(10)
})

it('gives who has the last event an end, however much came after it', async () => {
  const { view, work, add, counts } = createActor([100, 7])
  add(500)
  for (const after of [7, 100]) {
    counts.read = 0
    expect(await takeFirst(followToEnd(view, work(after === 7 ? 1 : 0), { after }))).toEqual([])
    expect(await hasEnded(view, work(after === 7 ? 1 : 0), after)).toBe(true)
    expect(counts.read).toBeLessThanOrEqual(20)
  }
})

it('gives who says to have more than there is an end as well, at once or when it comes', async () => {
  const over = createActor([20])
  over.add(20)
  for (const after of [21, 1_000_000]) {
    expect(await takeFirst(followToEnd(over.view, over.work(0), { after }))).toEqual([])
    expect(await hasEnded(over.view, over.work(0), after)).toBe(true)
  }
  const { view, work, add } = createActor([20])
  add(10)
  const seen = takeFirst(followToEnd(view, work(0), { after: 500 }))
  await new Promise(setImmediate)
  add(10)
  expect(await seen).toEqual([])
})

it('has not ended while there is more, or may be', async () => {
  const { view, work, add } = createActor([20])
  expect(await hasEnded(view, work(0), 0)).toBe(false)
  add(10)
  expect(await hasEnded(view, work(0), 10)).toBe(false)
  add(10)
  expect(await Promise.all([0, 5, 19, 20].map((after) => hasEnded(view, work(0), after)))).toEqual([
    false,
    false,
    false,
    true,
  ])
})

/** How many events are read of a runtime's actors. */
function counting({ engine: { view } }: ServedRuntime): { read: number } {
  const counts = { read: 0 }
  const { events } = view
  Object.assign(view, {
    async *events(...asked: Parameters<typeof events>) {
      for await (const event of events(...asked)) {
        counts.read++
        yield event
      }
    },
  })
  return counts
}

it('holds for runs and questions of a runtime', async () => {
  const { path, write, open } = openFolder()
  const loop =
    "for_each: '{{ range(20) | list }}', steps: [{ id: one, tool: terminal, parameters: { command: 'true' } }]"
  write('loop.yaml', `name: loop\nsteps: [{ id: each, ${loop} }]\n`)
  const runtime = await open()
  const { id } = await runtime.runs.start({ file: path('loop.yaml') })
  const last = numbers(await takeFirst(runtime.runs.events(id))).at(-1)!
  const texts = [{ name: 'ships', text: 'The ship leaves the harbour at noon.' }]
  const ask = (id: string) => runtime.threads.ask({ thread: 'main', id, prompt: 'When does the ship leave?', texts })
  await ask('one')
  const end = numbers(await takeFirst(runtime.threads.askEvents('main', 'one'))).at(-1)!
  await ask('two')

  const counts = counting(runtime)
  expect(numbers(await takeFirst(runtime.runs.events(id, { after: last - 2 })))).toEqual([last - 1, last])
  expect(await takeFirst(runtime.runs.events(id, { after: last }))).toEqual([])
  expect(numbers(await takeFirst(runtime.threads.askEvents('main', 'one', { after: end - 1 })))).toEqual([end])
  expect(await takeFirst(runtime.threads.askEvents('main', 'one', { after: end }))).toEqual([])
  expect(counts.read).toBeGreaterThan(4)
  expect(counts.read).toBeLessThanOrEqual(10)
  expect([await runtime.serving.runEnded(id, last), await runtime.serving.runEnded(id, last - 1)]).toEqual([
    true,
    false,
  ])
  expect([
    await runtime.serving.askEnded('main', 'one', end),
    await runtime.serving.askEnded('main', 'one', end - 1),
  ]).toEqual([true, false])
  expect([await runtime.serving.runEnded('none', 5), await runtime.serving.askEnded('main', 'none', 5)]).toEqual([
    false,
    false,
  ])
})

it('reads what begins late from before its beginning, not from the first event on', async () => {
  const { view, work, add, counts } = createActor([undefined, 900])
  add(1000)
  const late: FollowedWork = { ...work(1), before: async () => 880 }
  expect(numbers(await takeFirst(followToEnd(view, late))).at(0)).toBe(881)
  expect(await hasEnded(view, late, 0)).toBe(false)
  expect(counts.read).toBeLessThanOrEqual(40)
})

it('a question is followed from where it began, whether it is over, waits behind others or is yet to come', async () => {
  const runtime = await openFolder().open()
  const texts = [{ name: 'notes.md', text: 'The ship leaves the harbour at noon.' }]
  const ask = (id: string) => runtime.threads.ask({ id, thread: 'main', prompt: 'When does the ship leave?', texts })
  for (const id of ['a', 'b']) await ask(id)
  const read: number[] = []
  const { view } = runtime.engine
  const events: typeof view.events = async function* (of, from) {
    for await (const event of view.events(of, from)) {
      read.push(event.n)
      yield event
    }
  }
  const activity = { track: () => {}, ids: () => [] } as unknown as Activity
  const engine = { ...runtime.engine, view: { ...view, events } }
  const threads = createThreads({ engine, activity, goals: NO_GOALS, untilRunRests: NO_GOALS.untilRest })
  const seen = async (id: string) => {
    read.length = 0
    const own = await takeFirst(threads.askEvents('main', id))
    expect(read).toEqual(own.map(({ n }) => n))
    return own
  }
  const [first, second] = [await seen('a'), await seen('b')]
  expect([first[0], second[0]]).toMatchObject([{ n: 1, body: { type: 'ask-start' } }, { n: first.length + 1 }])
  expect(await threads.askEnded('main', 'b', 0)).toBe(false)
  read.length = 0
  const yetToCome = takeFirst(threads.askEvents('main', 'd'))
  await Promise.all(['c', 'd'].map(ask))
  expect((await yetToCome).at(-1)).toMatchObject({ body: { type: 'ask-end' } })
  const queued = await takeFirst(threads.askEvents('main', 'd'))
  expect(queued).toEqual(await yetToCome)
  expect(queued[0]).toMatchObject({ body: { type: 'ask-queue' } })
  expect(Math.min(...read)).toBeGreaterThan(second.at(-1)!.n)
})

const NO_GOALS = { untilRest: async () => 'over' as const, goOn: async () => {} }
