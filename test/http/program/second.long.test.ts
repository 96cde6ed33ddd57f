import { expect, it } from 'vitest'
import { z } from 'zod'
import { type ConversationEvent, defineAgent, defineTool } from '../../../src/index.ts'
import { gate } from '../../../src/testing/gate.ts'
import { makeProject, startIn } from './programs.ts'

const SUPPORT = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one' })

async function toEnd(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

const types = (events: readonly { readonly body: unknown }[]) =>
  events.map(({ body }) => (body as { readonly type: string }).type)

it('a second program on a folder has the same handles, and the first one does the work', async () => {
  const folder = await makeProject()
  const first = await startIn(folder, [{ reply: 'Hello.' }], { agents: [SUPPORT] })
  const second = await startIn(folder, [], { agents: [SUPPORT] })
  expect([first.runtime === undefined, second.runtime === undefined]).toEqual([false, true])
  const chat = second.conversation(SUPPORT, 'customer-42', { owner: 'shop-7' })
  const reply = await chat.send('Hi.', { id: 'mail-1' })
  expect(reply).toMatchObject({ status: 'completed', answer: 'Hello.', n: 1, conversation: 'customer-42' })
  const same = first.conversation(SUPPORT, 'customer-42', { owner: 'shop-7' })
  expect(await same.send('Hi.', { id: 'mail-1' })).toEqual(reply)
  const ui = await chat.uiStream()
  expect([ui.status, await ui.text()]).toEqual([200, expect.stringContaining('"delta":"Hello."')])
  expect(Object.keys(second)).toEqual(Object.keys(first))
  expect(await second.threads.list()).toEqual(await first.threads.list())
})

it('both programs put agents for an owner, whose conversations and goals name them', async () => {
  const folder = await makeProject()
  const first = await startIn(folder, [{ reply: 'Sorted.' }], { agents: [SUPPORT] })
  const second = await startIn(folder, [], { agents: [SUPPORT] })
  const of = { owner: 'shop-7' }
  const { hash } = await second.agents.put('triage', { instructions: 'You sort mail.', model: 'lab/one' }, of)
  await first.agents.put('triage', { instructions: 'You sort mail by urgency.', model: 'lab/one' }, of)
  expect(await second.agents.get('triage', { ...of, version: hash })).toMatchObject({
    ...of,
    definition: { instructions: 'You sort mail.' },
  })
  expect(await second.agents.get('triage', of)).not.toHaveProperty('untrusted')
  await expect(second.agents.get('triage')).rejects.toMatchObject({ code: 'not_found' })
  const reply = await second.conversation('triage', 'mail', of).send('Sort it.')
  expect(reply).toMatchObject({ status: 'completed', answer: 'Sorted.' })
  await expect(second.conversation('triage', 'mail').send('Sort it.')).rejects.toMatchObject({ code: 'not_found' })
  const { id } = await second.goals.start({ agent: 'triage', goal: 'Sort it.', ...of })
  expect(await first.goals.get(id)).toMatchObject({ agent: 'triage', ...of })
  await second.agents.remove('triage', of)
  expect(await first.agents.list()).toEqual([])
})

it('names of conversations belong to their owner', async () => {
  const folder = await makeProject()
  const app = await startIn(folder, [{ reply: 'Hello.' }], { agents: [SUPPORT] })
  await app.conversation(SUPPORT, 'main', { owner: 'shop-7' }).send('Hi.', { id: 'mail-1' })
  await expect(app.conversation(SUPPORT, 'main', { owner: 'shop-8' }).get('mail-1')).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(app.conversation(SUPPORT, 'shop-7:main').send('Hi.')).rejects.toMatchObject({
    code: 'not_found',
    hint: expect.stringContaining('colon'),
  })
  await expect(app.conversation(SUPPORT, 'main', { owner: 'a b' }).send('Hi.')).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('"a b"'),
  })
})

it('when the owner stops, the second program takes its place, and pending calls go on', async () => {
  const folder = await makeProject()
  const held = gate()
  const first = await startIn(folder, [{ gate: held.pass() }], { agents: [SUPPORT] })
  const second = await startIn(folder, [{ reply: 'Here I am.' }], { agents: [SUPPORT] })
  const chat = second.conversation(SUPPORT, 'talk')
  const sent = chat.send('Hi.', { id: 'mail-1' })
  const seen: ConversationEvent[] = []
  for await (const event of chat.stream()) {
    seen.push(event)
    const type = types([event])[0]
    // the model of the first program never answers
    if (type === 'goal-start') void first.stop({ grace: 0 })
    if (type === 'ask-end') break
  }
  expect(await sent).toMatchObject({ status: 'completed', answer: 'Here I am.' })
  expect(second.runtime).toBeDefined()
  const durable = seen.filter(({ live }) => live === undefined).map(({ cursor }) => cursor)
  expect(new Set(durable).size).toBe(durable.length)
  expect(types(seen).filter((type) => type === 'ask-start' || type === 'ask-end')).toEqual(['ask-start', 'ask-end'])
})

it('refuses what the owner lacks or has in another form, by name', async () => {
  const folder = await makeProject()
  const lookup = (field: string) =>
    defineTool({
      name: 'lookup',
      description: 'Looks up an order',
      effect: 'pure',
      input: z.object({ [field]: z.string() }),
      execute: () => 'found',
    })
  const clerk = (field: string) =>
    defineAgent({ name: 'clerk', instructions: 'You look up.', model: 'lab/one', tools: [lookup(field)] })
  await startIn(folder, [{ reply: 'Hello.' }], { agents: [SUPPORT, clerk('order')] })
  const other = defineAgent({ name: 'support', instructions: 'You help a lot.', model: 'lab/one' })
  const more = defineAgent({ name: 'more', instructions: 'You help.', model: 'lab/one' })
  const changed = clerk('id')
  const second = await startIn(folder, [], { agents: [other, more, changed] })
  const code = 'other_code'
  await expect(second.conversation(other, 'talk').send('Hi.')).rejects.toMatchObject({
    code,
    data: { kind: 'agent', name: 'support' },
    message: expect.stringContaining('has another version of the agent support'),
  })
  await expect(second.conversation('more', 'talk').post('Hi.')).rejects.toMatchObject({
    code,
    data: { kind: 'agent', name: 'more' },
    message: expect.stringContaining('does not have the agent more'),
    hint: expect.stringContaining('start({ reload: true })'),
  })
  await expect(second.goals.start({ agent: changed, goal: 'Look.' })).rejects.toMatchObject({
    code,
    data: { kind: 'tool', name: 'lookup' },
  })
  await expect(second.tools.call([{ tool: 'lookup', parameters: { id: '1' } }])).rejects.toMatchObject({ code })
  await expect(second.conversation(SUPPORT, 'talk').send('Hi.')).rejects.toMatchObject({
    code: 'invalid_agent',
    hint: expect.stringContaining('start({ agents'),
  })
})

it('the end of a second program leaves the owner alone, and rejects its pending calls', async () => {
  const folder = await makeProject()
  const held = gate()
  const first = await startIn(folder, [{ gate: held.pass(), reply: 'Hello.' }], { agents: [SUPPORT] })
  const second = await startIn(folder, [], { agents: [SUPPORT] })
  const chat = second.conversation(SUPPORT, 'talk')
  const sent = expect(chat.send('Hi.', { id: 'mail-1' })).rejects.toMatchObject({ code: 'stopped' })
  const streamed = expect(toEnd(chat.stream())).rejects.toMatchObject({ code: 'stopped' })
  while ((await chat.get('mail-1').catch(() => undefined)) === undefined);
  await second[Symbol.asyncDispose]()
  await Promise.all([sent, streamed])
  await expect(chat.send('Hi.')).rejects.toMatchObject({ code: 'stopped' })
  held.release()
  expect(await first.conversation(SUPPORT, 'talk').send('Hi.', { id: 'mail-1' })).toMatchObject({ answer: 'Hello.' })
})
