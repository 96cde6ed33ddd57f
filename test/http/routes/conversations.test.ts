import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { ConversationEvent } from '../../../src/agent/room/conversation/port.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { call, openGoals, answer as repeated } from '../../agent/goal/folder.ts'
import { readFrames } from '../compat/served.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })

/** A server with the agent clerk, and clients of it by owner. */
async function openServer(script: Parameters<typeof openGoals>[0]) {
  const { runtime, model, write, path, folder } = await openGoals(script)
  mkdirSync(path('agents'))
  write('agents/clerk.md', '---\ndescription: Keeps notes\ntools: [filesystem:read]\n---\nYou keep notes.\n')
  const app = createApp(runtime as ServedRuntime, { identify: identifyByKey(runtime.access) })
  const fetchAs = async (owner: string, scopes: readonly ('run' | 'read' | 'ask' | 'admin')[] = ['run', 'read']) => {
    const { token } = await runtime.access.keys.create({ name: owner, owner, scopes })
    return async (sent: Request) => {
      sent.headers.set('authorization', `Bearer ${token}`)
      return app.fetch(sent)
    }
  }
  const as = async (...who: Parameters<typeof fetchAs>) => createClient(await fetchAs(...who)).conversations
  return { runtime, model, write, folder, fetchAs, as }
}

const hello = { conversation: 'talk', agent: 'clerk', text: 'Hello.', id: 'm1' }

/** The events up to the end of so many messages. */
async function readEvents(events: AsyncIterable<ConversationEvent>, ends = 1): Promise<readonly ConversationEvent[]> {
  const seen: ConversationEvent[] = []
  for await (const event of events) {
    seen.push(event)
    if ((event.body as { readonly type: string }).type === 'ask-end' && seen.filter(isEnd).length === ends) break
  }
  return seen
}
/** The first frames of text. */
async function readDeltas(response: Response, count: number): Promise<readonly unknown[]> {
  const deltas: unknown[] = []
  for await (const frame of readFrames(response)) if (frame.event === 'delta' && deltas.push(frame) === count) break
  return deltas
}

const isEnd = ({ body }: ConversationEvent) => (body as { readonly type: string }).type === 'ask-end'

it('answers a message once per id; the conversation of another owner is not there', async () => {
  const { as, runtime, model } = await openServer([answer('Hello, Ann.'), answer('Hello, Bob.')])
  const [ann, bob, boss] = [await as('ann'), await as('bob'), await as('boss', ['admin'])]
  const reply = await ann.send(hello)
  expect(reply).toMatchObject({ id: 'm1', conversation: 'talk', n: 1, status: 'completed', answer: 'Hello, Ann.' })
  expect(await ann.send(hello)).toEqual(reply)
  expect(await ann.post(hello)).toEqual({ id: 'm1', conversation: 'talk', n: 1, status: 'completed' })
  expect(model.calls).toHaveLength(1)
  const missing = { code: 'not_found' }
  await expect(bob.get('talk', 'm1')).rejects.toMatchObject(missing)
  await expect(bob.get('ann:talk', 'm1')).rejects.toMatchObject(missing)
  await expect(bob.stop('ann:talk')).rejects.toMatchObject(missing)
  await expect(bob.post({ ...hello, conversation: 'ann:talk', id: 'm2' })).rejects.toMatchObject(missing)
  await expect(readEvents(bob.events('ann:talk'))).rejects.toMatchObject(missing)
  // names and ids belong to an owner
  expect(await bob.send(hello)).toMatchObject({ n: 1, answer: 'Hello, Bob.' })
  expect(await boss.get('ann:talk', 'm1')).toMatchObject({ conversation: 'ann:talk', answer: 'Hello, Ann.' })
  expect((await runtime.threads.list()).map(({ owner }) => owner).sort()).toEqual(['ann', 'bob'])
})

it('reserves the ids by which it works on messages, so that nobody blocks or finds one of another owner', async () => {
  const { as, fetchAs } = await openServer([answer('Hello.')])
  await (await as('ann')).send(hello)
  const client = createClient(await fetchAs('bob', ['run', 'ask']))
  for (const id of ['ann:talk#message:m1', 'ann:talk#message:m2'])
    for (const act of [
      () => client.threads.startAsk({ thread: 'q', prompt: 'Why?', id }),
      () => client.goals.start({ agent: 'clerk', goal: 'Note it.', id }),
      () => client.conversations.post({ ...hello, id }),
    ])
      await expect(act()).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('is reserved for a message of a conversation'),
      })
})

it('continues the stream after the cursor that Last-Event-ID names', async () => {
  const { as, fetchAs, write } = await openServer([
    call('filesystem_read', { path: 'a.txt' }),
    answer('It says ebb.'),
    answer('Yes.'),
  ])
  write('a.txt', 'ebb')
  const ann = await as('ann')
  await ann.send(hello)
  await ann.send({ ...hello, text: 'Sure?', id: 'm2' })
  const all = await readEvents(ann.events('talk'), 2)
  expect(all.some(({ cursor }) => /\d\.\d/.test(cursor))).toBe(true)
  for (const place of [0, 3, all.findIndex(isEnd)])
    expect(await readEvents(ann.events('talk', { after: all[place]!.cursor }), place < all.findIndex(isEnd) ? 2 : 1)) //
      .toEqual(all.slice(place + 1))
  const fetch = await fetchAs('ann')
  const at = all.findIndex(({ cursor }) => cursor.includes('.'))
  const headers = { 'last-event-id': all[at]!.cursor }
  const response = await fetch(new Request('http://here/v1/conversations/talk/events', { headers }))
  const next = all[at + 1]!
  for await (const frame of readFrames(response)) {
    expect(frame).toEqual({ id: next.cursor, event: 'event', data: next })
    break
  }
  const wrong = await fetch(new Request('http://here/v1/conversations/talk/events?after=x'))
  expect(wrong.status).toBe(400)
})

it('takes the name of an agent alone from the network, and no files', async () => {
  const { as, fetchAs, folder, model } = await openServer([])
  const ann = await as('ann')
  for (const agent of ['agents/clerk.md', `${folder}/agents/clerk.md`, 'clerk.md', '..\\clerk'])
    await expect(ann.post({ ...hello, agent }), agent).rejects.toMatchObject({
      code: /[/\\]/.test(agent) ? 'local_only' : 'not_found',
    })
  await expect(ann.post({ ...hello, files: [`${folder}/agents/clerk.md`] })).rejects.toMatchObject({
    code: 'local_only',
  })
  const definition = { name: 'mine', description: 'x', instructions: 'x', tools: [], skills: [] }
  const sent = JSON.stringify({ agent: definition, text: 'Hello.' })
  const headers = { 'content-type': 'application/json' }
  const asking = new Request('http://here/v1/conversations/talk/messages', { method: 'POST', body: sent, headers })
  expect((await (await fetchAs('ann'))(asking)).status).toBe(400)
  await expect((await as('ann', ['read'])).post(hello)).rejects.toMatchObject({ code: 'scope_missing' })
  expect(model.calls).toEqual([])
})

it('names the way to an id if a message holds the bytes of a file', async () => {
  const { as } = await openServer([])
  const bob = await as('bob')
  await expect(bob.post({ ...hello, files: ['data:image/png;base64,iVBORw0KGgo='] })).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('expected the id of a file, which PUT /v1/files gives'),
  })
})

it('ends a wait with the message as it stands, and stops a conversation', async () => {
  const held = gate()
  const { as, model } = await openServer([{ ...answer('late'), gate: held.pass() }])
  const ann = await as('ann')
  expect(await ann.send(hello, { timeout: 0 })).toMatchObject({ status: 'waiting', id: 'm1' })
  await until(() => model.calls.length === 1)
  const leaving = new AbortController()
  const reply = ann.send(hello, { signal: leaving.signal })
  leaving.abort()
  expect(await reply).toMatchObject({ status: 'waiting', for: 'agent' })
  expect(await ann.post({ ...hello, id: 'm2', onBusy: 'queue' })).toMatchObject({ n: 2, status: 'queued' })
  await ann.stop('talk', 'enough')
  held.release()
  expect(await ann.send(hello)).toMatchObject({ status: 'cancelled' })
  expect(await ann.get('talk', 'm2')).toMatchObject({ status: 'cancelled' })
  expect(model.calls).toHaveLength(1)
})

it('tells followers the text as it grows, in frames without an id', async () => {
  const held = gate()
  const { as, fetchAs } = await openServer([
    answer('Hello.'),
    answer('Good morning.'),
    { ...answer('Noted well.'), gate: held.pass() },
  ])
  const ann = await as('ann')
  await ann.send(hello)
  const all = await readEvents(ann.events('talk'))
  const { cursor } = all.at(-1)!
  const fetch = await fetchAs('ann')
  const response = await fetch(new Request(`http://here/v1/conversations/talk/events?after=${cursor}`))
  const frames = readDeltas(response, 2)
  const followed = readEvents(ann.events('talk', { after: cursor }))
  await ann.send({ ...hello, text: 'Good morning.', id: 'm2' })
  const told = (await followed).filter(({ live }) => live)
  expect(told).toEqual(
    ['Good ', 'morning.'].map((text, place) => ({
      cursor: told[0]!.cursor,
      goal: 'ann:talk.m2',
      live: true,
      body: { type: 'text-delta', round: 1, text, at: place * 5 },
    })),
  )
  expect(await frames).toEqual(told.map((data) => ({ event: 'delta', data })))

  const client = createClient(fetch)
  const { id } = await client.goals.start({ agent: 'clerk', goal: 'Note it.', interactive: true })
  const heard: unknown[] = []
  for await (const { n, body } of client.goals.events(id)) {
    held.release()
    if (n === undefined) heard.push(body)
  }
  expect(heard).toEqual([
    { type: 'text-delta', round: 1, text: 'Noted ', at: 0 },
    { type: 'text-delta', round: 1, text: 'well.', at: 6 },
  ])
})

it('lists the tools of an agent that the server knows by its name', async () => {
  const { fetchAs, folder } = await openServer([])
  const { goals } = createClient(await fetchAs('ann'))
  expect(await goals.tools('clerk')).toEqual({ agent: 'clerk', tools: ['filesystem:read'] })
  await expect(goals.tools('nobody')).rejects.toMatchObject({ code: 'not_found' })
  await expect(goals.tools(`${folder}/agents/clerk.md`)).rejects.toMatchObject({ code: 'local_only' })
})

it('takes texts with names from the network, as far as a message may be long', async () => {
  const { as, model } = await openServer([answer('It says ebb.')])
  const ann = await as('ann')
  const texts = [{ name: 'tides.md', text: 'ebb at nine' }]
  expect(await ann.send({ ...hello, texts })).toMatchObject({ answer: 'It says ebb.' })
  expect(await ann.send({ ...hello, texts })).toMatchObject({ n: 1 })
  expect(model.calls[0]!.prompt).toContain('Hello.\n\nText "tides.md":\nebb at nine')
  const long = { ...hello, id: 'm2', texts: [{ name: 'long.md', text: 'x'.repeat(262_144) }] }
  await expect(ann.send(long)).rejects.toMatchObject({ code: 'too_large', place: { path: 'texts' } })
  await expect(ann.send({ ...hello, id: 'm1', texts: [] })).rejects.toMatchObject({ code: 'id_taken' })
})
