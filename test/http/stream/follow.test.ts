import { expect, it } from 'vitest'
import { type Caller, LOCAL } from '../../../src/http/authorize/caller.ts'
import type { Source } from '../../../src/http/stream/batch.ts'
import { createFollow } from '../../../src/http/stream/follow.ts'
import { feedOf } from '../../../src/http/stream/response.ts'
import { decodeEvents } from '../../../src/http/wire/sse.ts'
import { collect } from '../bench.ts'
import { createActor, createClient, settled } from './actor.ts'

it('reads each topic once for all followers', async () => {
  const follow = createFollow()
  const [one, two] = [createActor(), createActor()]
  const answers = await Promise.all(
    [one, one, two].map(({ source }, n) => follow(LOCAL, { topic: n < 2 ? 'one' : 'two', after: 0, ...source })),
  )
  const read = answers.map(({ body }) => collect(decodeEvents(body!)))
  await settled()
  expect([one.counts.followers, two.counts.followers]).toEqual([1, 1])
  await one.tell('end')
  await two.tell('other', 'end')
  const bodies = (await Promise.all(read)).map((events) => events.map(({ data }) => data))
  expect(bodies).toEqual([['end'], ['end'], ['other', 'end']])
  expect([one.counts.followers, two.counts.followers]).toEqual([0, 0])
})

it('never shares a read with another owner or with a caller with more rights', async () => {
  const follow = createFollow()
  const { source, tell } = createActor()
  const hidden = createActor()
  const admin = { owner: 'ada', scopes: ['admin'], local: false } as const
  const read = async (caller: Caller, from: Source) =>
    collect(decodeEvents((await follow(caller, { topic: 'a', after: 0, ...from })).body!))
  const seen = read(admin, source)
  const others = [read({ ...admin, scopes: ['read'] }, hidden.source), read({ ...admin, owner: 'bob' }, hidden.source)]
  await tell('secret', 'end')
  await hidden.go()
  expect((await Promise.all([seen, ...others])).map(({ length }) => length)).toEqual([2, 0, 0])
})

it('starts a new read for a follower that comes after all others left', async () => {
  const follow = createFollow()
  const { source, tell, counts } = createActor()
  await tell('one', 'two')
  const first = (await follow(LOCAL, { topic: 'a', after: 1, ...source })).body!.getReader()
  await first.read()
  await first.read()
  await first.cancel()
  await settled()
  expect(counts.followers).toBe(0)
  const events = collect(decodeEvents((await follow(LOCAL, { topic: 'a', after: 0, ...source })).body!))
  await tell('end')
  expect((await events).map(({ id }) => id)).toEqual([1, 2, 3])
})

it('loses no event meanwhile, whatever number another client names', async () => {
  const follow = createFollow()
  const { source, tell, emit } = createActor()
  const join = async (after: number) => {
    const client = createClient()
    feedOf(await follow(LOCAL, { topic: 'a', after, ...source }))!(client.outlet)
    await settled()
    return client
  }
  await tell('one')
  const ahead = await join(1000)
  const [early, late] = [await join(0), await join(1)]
  await emit('to')
  await tell('end')
  const [delta, end] = [
    { event: 'delta', data: 'to' },
    { id: 2, event: 'event', data: 'end' },
  ]
  expect(await early.sent()).toEqual([{ id: 1, event: 'event', data: 'one' }, delta, end])
  expect(await late.sent()).toEqual([delta, end])
  expect(await ahead.sent()).toEqual([delta])
  expect([early.ended, late.ended]).toEqual([true, true])
})

it('reads nothing before the answer is consumed', async () => {
  const { source, counts } = createActor()
  const answer = await createFollow()(LOCAL, { topic: 'a', after: 0, ...source })
  await settled()
  expect(counts.followers).toBe(0)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
})

it('a server may take the feed, also of an answer that was made anew on the way', async () => {
  const { source, tell } = createActor()
  const answer = await createFollow()(LOCAL, { topic: 'a', after: 0, ...source })
  const client = createClient()
  const filler = feedOf(new Response(answer.body, answer))!(client.outlet)
  await tell('one')
  expect(await client.numbers()).toEqual([1])
  filler.leave()
  expect(feedOf(new Response('text'))).toBe(undefined)
  expect(feedOf(new Response(null))).toBe(undefined)
})

it('tells a client that has all events of finished work not to reconnect', async () => {
  const follow = createFollow()
  const { source, tell, counts } = createActor()
  await tell('one', 'end')
  const ended = async (after: number) => after >= 2
  const statuses = [0, 1, 2, 3].map(
    async (after) => (await follow(LOCAL, { topic: 'a', after, ended, ...source })).status,
  )
  expect(await Promise.all(statuses)).toEqual([200, 200, 204, 204])
  expect(counts.followers).toBe(0)
})
