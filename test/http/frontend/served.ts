import { mkdirSync } from 'node:fs'
import {
  AbstractChat,
  type ChatState,
  type ChatStatus,
  DefaultChatTransport,
  type HttpChatTransportInitOptions,
  type UIMessage,
} from 'ai'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { createClient } from '../../../src/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import { serve } from '../../../src/http/server/serve.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { call, openGoals, answer as repeated } from '../../agent/goal/folder.ts'

const lookUp = defineTool({
  name: 'look-up',
  description: 'Looks a word up',
  input: z.object({ word: z.string() }),
  output: z.string(),
  effect: 'pure',
  execute: ({ word }) => `${word} is water that goes`,
})

const pay = defineTool({
  name: 'pay',
  description: 'Pays',
  input: z.object({ cents: z.number() }),
  output: z.string(),
  effect: 'at-most-once',
  execute: ({ cents }) => `paid ${cents}`,
})

/** The model says something, and asks for a call that needs nobody. */
export const look = (word = 'ebb') => ({ ...call('look-up', { word }), reply: 'Let me look.' })

/** The model asks for a call that waits for a person. */
export const payment = call('pay', { cents: 5 })

/** The model answers once. */
export const answer = (text: string) => ({ ...repeated(text), times: 1 })

/** A server with the agent clerk, and a key of its caller. */
export async function openFrontend(script: Parameters<typeof openGoals>[0], owner = 'ann') {
  const { runtime, model, write, path } = await openGoals(script, '', { tools: [lookUp, pay] })
  mkdirSync(path('agents'))
  write('agents/clerk.md', '---\ndescription: Keeps notes\ntools: [look-up, pay]\n---\nKeep notes.\n')
  const app = createApp(runtime as ServedRuntime, { identify: identifyByKey(runtime.access) })
  const served = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const base = `http://127.0.0.1:${served.port}`
  const headersOf = async (
    who: string,
    scopes: readonly ('run' | 'read' | 'approve')[] = ['run', 'read', 'approve'],
  ) => {
    const { token } = await runtime.access.keys.create({ name: who, owner: who, scopes })
    return { authorization: `Bearer ${token}` }
  }
  const headers = await headersOf(owner)
  const client = createClient({ url: base, key: headers.authorization.slice(7) })
  return { runtime, model, base, headers, headersOf, client }
}

/** Sends a body to a route. */
export const post = (url: string, headers: object, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

class State implements ChatState<UIMessage> {
  status: ChatStatus = 'ready'
  error: Error | undefined
  messages: UIMessage[]
  constructor(messages: readonly UIMessage[]) {
    this.messages = [...messages]
  }
  pushMessage(message: UIMessage) {
    this.messages = [...this.messages, structuredClone(message)]
  }
  popMessage() {
    this.messages = this.messages.slice(0, -1)
  }
  replaceMessage(index: number, message: UIMessage) {
    this.messages = this.messages.with(index, structuredClone(message))
  }
  snapshot<T>(value: T): T {
    return structuredClone(value)
  }
}

type Transport = Pick<HttpChatTransportInitOptions<UIMessage>, 'api' | 'headers' | 'fetch'>

/** The AI SDK's chat, as `useChat` keeps it. */
export class TransportedChat extends AbstractChat<UIMessage> {
  constructor(id: string, transport: Transport, messages: readonly UIMessage[] = []) {
    super({ id, transport: new DefaultChatTransport(transport), state: new State(messages) })
  }
}

/** The chat of a page of a server. */
export class Chat extends TransportedChat {
  constructor(
    { base, headers }: { readonly base: string; readonly headers: { readonly [name: string]: string } },
    messages: readonly UIMessage[] = [],
  ) {
    super('talk', { api: `${base}/v1/agents/clerk/chat`, headers }, messages)
  }
}

/** Messages in short: what a person reads. */
export const shown = (messages: readonly UIMessage[]) =>
  messages.map(({ role, parts }) => [role, ...parts.flatMap(shownPart)])

function shownPart(part: UIMessage['parts'][number]): readonly string[] {
  if (part.type === 'text') return [part.text]
  if (part.type === 'dynamic-tool') return [`${part.toolName} ${part.state}`]
  if (part.type.startsWith('data-')) return [`${part.type} ${(part as { data: { status?: string } }).data.status}`]
  return []
}
