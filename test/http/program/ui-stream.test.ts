import type { UIMessage } from 'ai'
import { expect, it, onTestFinished } from 'vitest'
import { openConversation } from '../../../src/http/program/conversation.ts'
import { CLERK, openGoals } from '../../agent/goal/folder.ts'
import { answer, shown, TransportedChat } from '../frontend/served.ts'
import { ANN, openMounts } from './mounts.ts'

/** A page whose server is a program with a handle on the conversation. */
async function openPage() {
  const { runtime } = await openGoals([answer('Hello.')])
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const handle = (owner: string) => openConversation(runtime, CLERK, 'talk', { owner })
  const conversation = handle('ann')
  const fetch = async (_: unknown, { method, body }: RequestInit = {}) => {
    if (method === 'GET') return conversation.uiStream()
    const { id, parts } = (JSON.parse(body as string) as { readonly messages: readonly UIMessage[] }).messages.at(-1)!
    await conversation.post(parts.map((part) => (part.type === 'text' ? part.text : '')).join(''), { id })
    return conversation.uiStream()
  }
  const open = (messages: readonly UIMessage[] = []) =>
    new TransportedChat('talk', { api: 'http://here', fetch: fetch as never }, messages)
  return { open, handle }
}

it('a handle gives a UI message stream, which useChat resumes', async () => {
  const { open } = await openPage()
  const chat = open()
  await chat.resumeStream()
  expect(chat.messages).toEqual([])
  await chat.sendMessage({ text: 'Hi.' })
  expect(shown(chat.messages)).toEqual([
    ['user', 'Hi.'],
    ['assistant', 'Hello.'],
  ])
  const reloaded = open(chat.messages.slice(0, 1))
  await reloaded.resumeStream()
  expect(reloaded.messages).toEqual(chat.messages)
})

it('a handle gives nothing of another owner, and stops nothing', async () => {
  const { open, handle } = await openPage()
  await open().sendMessage({ text: 'Hi.' })
  const bob = handle('bob')
  const missing = { code: 'not_found', message: 'There is no conversation talk.' }
  expect((await bob.uiStream()).status).toBe(204)
  await expect(bob.stop()).rejects.toMatchObject(missing)
  await expect(bob.get('u1')).rejects.toMatchObject(missing)
  const read = async () => {
    for await (const _ of bob.stream()) return
  }
  await expect(read()).rejects.toMatchObject(missing)
  await expect(bob.post('Hi.')).rejects.toMatchObject({ code: 'not_found' })
})

it('ends with its signal', async () => {
  const { open, handle } = await openPage()
  await open().sendMessage({ text: 'Hi.' })
  const response = await handle('ann').uiStream({ signal: AbortSignal.abort() })
  expect(await response.text()).not.toContain('Hello.')
})

it('a page talks through the handler that another server mounts', async () => {
  const { byUser } = await openMounts({ script: [answer('Hello.')] })
  const handler = byUser()
  const fetch = async (url: string, init?: RequestInit) => handler(new Request(url, init))
  const api = 'http://here/v1/agents/clerk/chat'
  const chat = new TransportedChat('talk', { api, headers: ANN, fetch: fetch as never })
  await chat.sendMessage({ text: 'Hi.' })
  expect(shown(chat.messages).at(-1)).toEqual(['assistant', 'Hello.'])
})
