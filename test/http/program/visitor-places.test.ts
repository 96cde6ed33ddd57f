import { expect, it, vi } from 'vitest'
import type { RequestOwner } from '../../../src/http/program/handler.ts'
import { answer } from '../../agent/goal/folder.ts'
import { TransportedChat } from '../frontend/served.ts'
import { ANN, openMounts, send } from './mounts.ts'

/** Words of models, settings, commands and code, which are for the operator. */
const OF_HOUSE = /The model|lab\/one|antiphon|\bnpm\b|line instead|"told"|"again"|did not get/i
const UNREAD = 'The file could not be read here.'
const BODY = { agent: 'clerk', text: 'What is this?', wait: true }

/** A visitor has sent a file that no model reads. */
async function openWithFile() {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const mounts = await openMounts({ script: [answer('I cannot see it.')] })
  const owner = () => ({ owner: 'ann', scopes: ['talk', 'read', 'ask', 'run'] }) as RequestOwner
  const visit = mounts.handler({ owner, agents: ['clerk'] })
  const { file } = await mounts.runtime.files.add(Buffer.from([0, 1, 2, 255]), { name: 'lamp.bin', owner: 'ann' })
  const { document: reply } = await send(visit, '/v1/conversations/talk/messages', {
    body: { ...BODY, files: [file] },
    headers: ANN,
  })
  return { ...mounts, visit, file, reply, warned }
}

/** The text of a stream until it has said something. */
async function textUntil(response: Response, last: string): Promise<string> {
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (text.includes(last)) break
  }
  return text
}

it('a visitor reads at each door that the file could not be read, in words for customers', async () => {
  const { visit, file, reply, runtime, warned } = await openWithFile()
  expect(reply).toMatchObject({ status: 'completed', lacks: [UNREAD] })
  const get = async (path: string) => JSON.stringify((await send(visit, path, { headers: ANN })).document)
  const talk = `/v1/conversations/talk/messages/${reply.id}`
  const saysSo = [talk, '/v1/threads/talk', `/v1/threads/talk/asks/${reply.id}`, `/v1/goals/${reply.goal}`]
  for (const path of saysSo) expect([path, await get(path)]).toEqual([path, expect.stringContaining(UNREAD)])
  const others = [
    '/v1/threads/talk/messages',
    '/v1/inbox',
    '/v1/files',
    `/v1/files/${file}/thumbnail`,
    '/v1/threads/no',
  ]
  const texts = await Promise.all([...saysSo, ...others].map(async (path) => [path, await get(path)]))
  for (const [path, text] of texts) expect([path, text]).toEqual([path, expect.not.stringMatching(OF_HOUSE)])
  const stream = (path: string, init?: object) => visit(new Request(`https://shop.example/v1${path}`, init))
  const events = await Promise.all([
    textUntil(await stream('/conversations/talk/events'), 'goal-end'),
    textUntil(await stream(`/threads/talk/asks/${reply.id}/events`), 'ask-end'),
    textUntil(await stream('/feed?topics=inbox,threads'), 'threads'),
  ])
  expect(events.join('')).not.toMatch(OF_HOUSE)
  expect(events[0]).toContain(UNREAD)
  // the operator has the other words
  expect((await runtime.goals.get(reply.goal)).lacks![0]).toContain('The model did not get the file "lamp.bin"')
  expect(warned.mock.calls.join()).toContain('model lab/one gets a line instead of a file: ')
})

it('a front end of a visitor gets words for customers only', async () => {
  const { visit } = await openWithFile()
  const api = 'https://shop.example/v1/agents/clerk/chat'
  const chat = new TransportedChat('talk', {
    api,
    fetch: ((url: string, init: RequestInit) => visit(new Request(url, init))) as never,
  })
  await chat.resumeStream()
  expect(chat.messages.at(-1)).toMatchObject({ metadata: { lacks: [UNREAD] } })
  expect(JSON.stringify(chat.messages)).not.toMatch(OF_HOUSE)
  const run = { threadId: 'second', runId: 'run-1', messages: [{ id: 'u1', role: 'user', content: 'Three.' }] }
  const { response } = await send(visit, '/v1/agents/clerk/ag-ui', { body: run, headers: ANN })
  expect(await response.text()).not.toMatch(OF_HOUSE)
})

it('a hint of a command is for the operator, and one of the handler for who builds the page', async () => {
  const { visit, file, runtime } = await openWithFile()
  const thumbnail = await send(visit, `/v1/files/${file}/thumbnail`, { headers: ANN })
  expect([thumbnail.status, thumbnail.document.hint]).toEqual([404, undefined])
  expect(thumbnail.document.detail).toContain('There is no thumbnail of lamp.bin')
  await expect(runtime.files.thumbnail(file, { owner: 'ann' })).rejects.toMatchObject({
    hint: expect.stringContaining('antiphon doctor'),
  })
  const budget = { ...BODY, budget: 1 }
  const refused = await send(visit, '/v1/conversations/talk/messages', { body: budget, headers: ANN })
  expect(refused.document).toMatchObject({ code: 'not_for_visitors', hint: expect.stringContaining('app.') })
})
