import { expect, test } from 'vitest'
import {
  compareDigests,
  digestContents,
  type EngineContents,
  type StoredActor,
  type StoredMail,
} from '../../src/engine/transfer.ts'
import type { Cell, Envelope } from '../../src/kernel/types.ts'

const CELL: Cell = {
  version: 1,
  status: 'live',
  seq: 1,
  events: 1,
  state: { a: 1, b: 2 },
  watchers: [],
  cancelled: [],
  timers: {},
  index: { status: 'idle' },
}
const ACTOR: StoredActor = {
  of: { kind: 'one', key: 'a' },
  cell: CELL,
  parts: [
    ['p', 1],
    ['q', 2],
  ],
  events: [{ n: 1, correlationId: 'c', body: 'happened' }],
}

function mailOf(id: string, due?: number): StoredMail {
  const envelope: Envelope = {
    v: 1,
    id,
    type: 'request',
    from: null,
    to: ACTOR.of,
    createdAt: 1,
    correlationId: id,
    cause: null,
    body: id,
    ...(due !== undefined && { due }),
  }
  return { envelope, outcomes: new Map([['effect', { value: 1 }]]) }
}

type Lists = {
  [Name in keyof EngineContents]: EngineContents[Name] extends () => AsyncIterable<infer Item> ? readonly Item[] : never
}
const ALL: Lists = {
  actors: [ACTOR],
  index: [['one/a', { status: 'idle' }]],
  mail: [mailOf('first'), mailOf('second'), mailOf('late', 10), mailOf('later', 20)],
  letters: [{ id: 'l', at: 1, letter: mailOf('l').envelope, problem: { code: 'x', name: 'E', message: 'm' } }],
  ids: [{ id: 'i', use: 'ask one/a', at: 1, reply: { body: 1, isError: false } }],
}

function contentsOf(lists: Partial<Lists>): EngineContents {
  const each = <Item>(items: readonly Item[]) =>
    async function* () {
      yield* items
    }
  const { actors, index, mail, letters, ids } = { ...ALL, ...lists }
  return { actors: each(actors), index: each(index), mail: each(mail), letters: each(letters), ids: each(ids) }
}

const compare = async (lists: Partial<Lists>) =>
  compareDigests(await digestContents(contentsOf({})), await digestContents(contentsOf(lists)))

test('counts, and is equal for equal data in any order', async () => {
  const { counts } = await digestContents(contentsOf({}))
  expect(counts).toEqual({ actors: 1, parts: 2, events: 1, mail: 4, timers: 2, letters: 1, ids: 1 })
  const [first, second, late, later] = ALL.mail
  const turned = { ...ACTOR, cell: { ...CELL, state: { b: 2, a: 1 } }, parts: ACTOR.parts.toReversed() }
  expect(await compare({ actors: [turned], mail: [later!, first!, late!, second!] })).toEqual([])
  expect(await compare({ ids: [{ ...ALL.ids[0]!, at: 9 }] })).toEqual([])
})

test.each<[string, Partial<Lists>]>([
  ['actor one/a', { actors: [{ ...ACTOR, cell: { ...CELL, seq: 2 } }] }],
  ['actor one/a', { actors: [{ ...ACTOR, parts: [['p', 1]] }] }],
  ['actor one/a', { actors: [{ ...ACTOR, events: [] }] }],
  ['actor one/a', { actors: [] }],
  ['index of one/a', { index: [['one/a', { status: 'other' }]] }],
  ['mail of one/a', { mail: [ALL.mail[1]!, ALL.mail[0]!, ...ALL.mail.slice(2)] }],
  ['mail of one/a', { mail: [{ ...ALL.mail[0]!, outcomes: new Map() }, ...ALL.mail.slice(1)] }],
  ['sleeping mail of one/a later', { mail: ALL.mail.slice(0, 3) }],
  ['sleeping mail of one/a late', { mail: ALL.mail.map((mail, n) => (n === 2 ? mailOf('late', 11) : mail)) }],
  ['dead letter l', { letters: [] }],
  ['id i (ask one/a)', { ids: [{ ...ALL.ids[0]!, reply: { body: 2, isError: false } }] }],
  ['id j (tell one/a)', { ids: [...ALL.ids, { id: 'j', use: 'tell one/a', at: 1 }] }],
])('names the difference: %s', async (name, lists) => {
  const differing = await compare(lists)
  expect(differing).toHaveLength(1)
  expect(differing[0]).toMatch(
    new RegExp(`^${name.replaceAll(/[()]/g, '\\$&')} (is another|is missing|came from nowhere)$`),
  )
})
