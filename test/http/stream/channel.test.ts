import { expect, it } from 'vitest'
import { openChannel } from '../../../src/http/stream/channel.ts'
import { encodeEvent } from '../../../src/http/wire/sse.ts'
import { createActor, createClient, settled } from './actor.ts'

function open(after = 0) {
  const actor = createActor()
  const channel = openChannel(actor.source, after, () => closed++)
  let closed = 0
  const join = (from = after) => {
    const client = createClient()
    return { ...actor, client, filler: channel.join(client.outlet, actor.source, from) }
  }
  return { actor, join, closed: () => closed }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

it('reads the source once for many followers', async () => {
  const { actor, join } = open()
  const clients = Array.from({ length: 50 }, () => join().client)
  await settled()
  const before = actor.counts.reads
  await actor.tell('one')
  await actor.tell('two')
  expect(actor.counts.reads - before).toBeLessThanOrEqual(4)
  expect(actor.counts.followers).toBe(1)
  for (const client of clients) expect(await client.numbers()).toEqual([1, 2])
})

it('gives volatile events between the durable ones, without a number', async () => {
  const { actor, join } = open()
  const { client } = join()
  await actor.tell('start')
  await actor.emit('to', 'ken')
  await actor.tell('end')
  expect(await client.sent()).toEqual([
    { id: 1, event: 'event', data: 'start' },
    { event: 'delta', data: 'to' },
    { event: 'delta', data: 'ken' },
    { id: 2, event: 'event', data: 'end' },
  ])
  expect(client.ended).toBe(true)
})

it.each([0, 1, 7, 299, 300, 301])('a late follower that has %i of 300 events gets the rest, each once', async (had) => {
  const { actor, join } = open()
  const first = join()
  await actor.tell(...numbers(1, 300))
  const late = join(had)
  await actor.tell('more', 'end')
  await settled()
  expect(await first.client.numbers()).toEqual(numbers(1, 302))
  expect(await late.client.numbers()).toEqual(numbers(had + 1, 302))
  expect([first.client.ended, late.client.ended]).toEqual([true, true])
  expect(actor.counts.followers).toBe(0)
})

it('a slow follower delays only itself, and continues where it was', async () => {
  const { actor, join } = open()
  const [quick, slow] = [join(), join()]
  slow.client.slow = true
  for (let n = 1; n <= 600; n++) await actor.tell(n)
  expect(await quick.client.numbers()).toEqual(numbers(1, 600))
  expect(slow.client.kept).toBe(1)
  slow.client.slow = false
  slow.filler.ready()
  await settled()
  await actor.tell('end')
  await settled()
  expect(await slow.client.numbers()).toEqual(numbers(1, 601))
  expect(slow.client.ended).toBe(true)
})

it('a follower that is slow even on its own read is waited for', async () => {
  const { actor, join } = open()
  join()
  await actor.tell(...numbers(1, 600))
  const { client, filler } = join()
  for (let n = 0; n < 700; n++) {
    client.slow = n % 2 === 0
    filler.ready()
    await settled()
  }
  await actor.tell('end')
  expect(await client.numbers()).toEqual(numbers(1, 601))
})

it('a source is read no further than its fastest follower takes it', async () => {
  const { actor, join } = open()
  const { client, filler } = join()
  client.slow = true
  await actor.tell(...numbers(1, 500))
  expect(client.kept).toBe(1)
  // ten a time
  expect(actor.counts.reads).toBeLessThan(12)
  client.slow = false
  filler.ready()
  await settled()
  expect(await client.numbers()).toEqual(numbers(1, 500))
})

it('tells of volatile events that a slow client was not given', async () => {
  const { actor, join } = open()
  const { client, filler } = join()
  client.slow = true
  await actor.emit('a')
  await actor.emit('b', 'c')
  client.slow = false
  filler.ready()
  await actor.emit('d')
  expect((await client.sent()).map(({ data }) => data)).toEqual(['a', { type: 'deltas-lost', count: 2 }, 'd'])
})

it('a client that leaves frees its buffer, and the last one frees the source', async () => {
  const { actor, join, closed } = open()
  const [one, two] = [join(), join()]
  await actor.tell('one')
  one.filler.leave()
  one.filler.leave()
  await actor.tell('two')
  expect(await one.client.numbers()).toEqual([1])
  expect(await two.client.numbers()).toEqual([1, 2])
  expect([actor.counts.followers, closed()]).toEqual([1, 0])
  two.filler.leave()
  await settled()
  expect([actor.counts.followers, closed()]).toEqual([0, 1])
})

it('a client that leaves while it reads by itself frees its own reading, too', async () => {
  const { actor, join } = open()
  join()
  await actor.tell(...numbers(1, 600))
  const late = join()
  late.client.slow = true
  await settled()
  expect(actor.counts.followers).toBe(2)
  late.filler.leave()
  await settled()
  expect(actor.counts.followers).toBe(1)
})

it('sends the error as the last event, and ends', async () => {
  const { actor, join } = open()
  const { client } = join()
  await actor.tell('one', 'fault')
  expect(await client.sent()).toMatchObject([{ id: 1 }, { event: 'problem', data: { detail: 'the disk is gone' } }])
  expect(client.ended).toBe(true)
})

it('ends followers that wait for room, too', async () => {
  const { actor, join } = open()
  const { client, filler } = join()
  client.slow = true
  const quick = join()
  await actor.tell('one', 'two', 'end')
  expect([client.ended, quick.client.ended]).toEqual([false, true])
  client.slow = false
  filler.ready()
  expect([client.ended, await client.numbers()]).toEqual([true, [1, 2, 3]])
})

it('encodes events and the end as its source does, also on a read of its own', async () => {
  const actor = createActor()
  const encode = ({ n, body }: { readonly n: number; readonly body: unknown }) =>
    encodeEvent({ data: 'first' }) + encodeEvent({ id: n, data: { told: body as number } })
  const { volatile: _, ...durable } = actor.source
  const source = { ...durable, encode, ending: encodeEvent({ data: 'over' }) }
  const channel = openChannel(source, 0, () => {})
  const join = () => {
    const client = createClient()
    return { client, filler: channel.join(client.outlet, source, 0) }
  }
  const quick = join()
  await actor.tell(...numbers(1, 600))
  await actor.emit('a')
  const late = join()
  late.client.slow = true
  await actor.tell('end')
  await settled()
  expect([quick.client.ended, late.client.ended]).toEqual([true, false])
  late.client.slow = false
  late.filler.ready()
  await settled()
  const all = [...numbers(1, 600), 'end'].flatMap((told, at) => [{ data: 'first' }, { id: at + 1, data: { told } }])
  for (const { client } of [quick, late]) expect(await client.sent()).toEqual([...all, { data: 'over' }])
  expect(late.client.ended).toBe(true)
})

it('ends when the followed work is gone', async () => {
  const { actor, join } = open()
  const { client } = join()
  await actor.tell('one')
  await actor.go()
  expect(client.ended).toBe(true)
})

it('a follower ahead of this node gets no event twice', async () => {
  const { actor, join } = open()
  join()
  const ahead = join(2)
  await actor.tell('one', 'two', 'three', 'end')
  expect(await ahead.client.numbers()).toEqual([3, 4])
})
