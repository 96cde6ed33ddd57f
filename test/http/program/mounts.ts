import { mkdirSync } from 'node:fs'
import { DEFAULT_SERVE, type ServeConfig } from '../../../src/config/serve.ts'
import type { KeyScope } from '../../../src/house/scope.ts'
import { createMounts, type FetchHandler, type RequestOwner } from '../../../src/http/program/handler.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { answer, openGoals } from '../../agent/goal/folder.ts'

/** A program with an agent, and the handlers that its own server mounts. The header `user` is the session. */
export async function openMounts({
  script = [answer('Hello.')],
  serve = {},
  agents = ['clerk'],
  yaml = '',
}: Options = {}) {
  const { runtime, folder, path, write } = await openGoals(script, yaml)
  mkdirSync(path('agents'))
  write('agents/clerk.md', '---\ndescription: Keeps notes\ntools: []\n---\nYou keep notes.\n')
  const clock = simulatedClock()
  const mounts = createMounts(
    { runtime, stop: runtime.stop },
    { folder, data: folder, serve: { ...DEFAULT_SERVE, ...serve } },
    { clock, agents },
  )
  return { runtime, clock, folder, write, path, ...mounts, byUser: (at?: string) => mounts.handler(byUser(at)) }
}

type Options = {
  readonly script?: readonly ScriptedTurn[]
  readonly serve?: Partial<ServeConfig>
  readonly agents?: readonly string[]
  readonly yaml?: string
}

type VisitorScope = Exclude<KeyScope, 'admin'>

/** Options of a handler whose callers name themselves. */
export function byUser(path?: string, scopes: readonly VisitorScope[] = ['run', 'approve', 'ask', 'read']) {
  const owner = async ({ headers }: Request): Promise<RequestOwner> => {
    const user = headers.get('user')
    return user && { owner: user, scopes }
  }
  return { owner, ...(path !== undefined && { path }) }
}

/** Sends a request as a server passes it to the handler; with a body it is a POST of JSON. */
export async function send(handler: FetchHandler, path: string, { body, headers, ...init }: Sent = {}) {
  const sent =
    body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }
  const request = new Request(`https://shop.example${path}`, {
    ...sent,
    headers: { 'content-type': 'application/json', ...headers },
    ...init,
  })
  const response = await handler(request)
  const text = response.headers.get('content-type') === 'text/event-stream' ? '' : await response.text()
  const document = text === '' ? undefined : parsed(text)
  return { status: response.status, code: document?.code as string | undefined, document, response }
}

type Sent = Omit<RequestInit, 'body' | 'headers'> & {
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
}

// biome-ignore lint/suspicious/noExplicitAny: tests read any field
function parsed(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return { text }
  }
}

export const ANN = { user: 'ann' }
