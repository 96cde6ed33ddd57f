import { expect, it } from 'vitest'
import { gate, until } from '../../../src/testing/index.ts'
import { actor, range, ref } from '../../../trials/conformance/actors.ts'
import { openFolder } from './folder.ts'

const counter = () =>
  actor('counter', 0, (count, message) => ({
    state: count + 1,
    reply: count + 1,
    index: { status: `${message}` },
    parts: { first: message, second: message },
    events: [{ counted: count + 1 }],
  }))

it('actors are listed by name, picked by kind and by status, page by page', async () => {
  const { open } = openFolder()
  const runtime = await open([counter(), actor('other', null, () => ({ state: null, reply: true }))])
  for (const key of range(4)) await runtime.engine.ask(ref('counter', `${key}`), key % 2 === 0 ? 'even' : 'odd')
  await runtime.engine.ask(ref('other'), null)
  const names = async (query = {}) => (await runtime.inspector.actors(query)).map(({ of }) => of)
  expect(await names()).toEqual([...range(4).map((key) => `counter/${key}`), 'other/1'])
  expect(await names({ kind: 'counter', limit: 2 })).toEqual(['counter/0', 'counter/1'])
  expect(await names({ kind: 'counter', after: 'counter/1', limit: 2 })).toEqual(['counter/2', 'counter/3'])
  expect(await names({ status: 'odd' })).toEqual(['counter/1', 'counter/3'])
  expect(await names({ status: 'odd', limit: 1 })).toEqual(['counter/1'])
  expect(await names({ status: 'idle' })).toEqual(['other/1'])
  expect(await names({ kind: 'nothing' })).toEqual([])
  expect((await runtime.inspector.actors({ kind: 'other' }))[0]).toEqual({
    of: 'other/1',
    status: 'idle',
    seq: 1,
    events: 0,
    waiting: 0,
    index: {},
  })
})

it('an actor at work, one that waits and one that was left say so', async () => {
  const { open } = openFolder()
  const hold = gate()
  const busy = actor('busy', null, async (_state, message, effects) => {
    if (message === 'timer') return { timers: { wake: { delay: 60_000, body: null } }, reply: true }
    await effects.run('work', ({ signal }) => hold.pass(signal))
    return {}
  })
  const first = await open([busy])
  await first.engine.ask(ref('busy', 'sleeps'), 'timer')
  await first.engine.tell(ref('busy', 'works'), null)
  await hold.started
  const statuses = async (runtime: typeof first) =>
    (await runtime.inspector.actors()).map(({ of, status, effect }) => [of, status, effect])
  expect(await statuses(first)).toEqual([
    ['busy/sleeps', 'waiting', undefined],
    ['busy/works', 'working', 'work'],
  ])
  await first.stop({ grace: 0 })
  const second = await open([busy])
  expect((await second.inspector.why('busy/sleeps')).holds).toMatchObject([{ type: 'left' }])
  expect(await statuses(second)).toEqual([
    ['busy/sleeps', 'left', undefined],
    ['busy/works', 'left', undefined],
  ])
})

it('all that is known of an actor is shown', async () => {
  const { open } = openFolder()
  const runtime = await open([counter()])
  await runtime.engine.ask(ref('counter', 'a/b'), 'even')
  expect(await runtime.inspector.actor('counter/a/b')).toEqual({
    of: 'counter/a/b',
    status: 'even',
    seq: 1,
    events: 1,
    waiting: 0,
    index: { status: 'even' },
    version: 1,
    mail: [],
    watchers: [],
    state: 1,
    parts: ['first', 'second'],
  })
})

it('the events of an actor are followed from a number on, until the signal', async () => {
  const { open } = openFolder()
  const runtime = await open([counter()])
  for (const _ of range(2)) await runtime.engine.ask(ref('counter'), 'even')
  const leaving = new AbortController()
  const seen: unknown[] = []
  const following = (async () => {
    for await (const { n, body } of runtime.inspector.tail('counter/1', { after: 1, signal: leaving.signal }))
      seen.push([n, body])
  })()
  await until(() => seen.length === 1)
  await runtime.engine.ask(ref('counter'), 'odd')
  await until(() => seen.length === 2)
  leaving.abort()
  await following
  expect(seen).toEqual([
    [2, { counted: 2 }],
    [3, { counted: 3 }],
  ])
})
