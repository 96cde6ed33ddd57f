import { mkdirSync } from 'node:fs'
import { type Client, createClient } from '../../../src/client.ts'
import { findPorts } from '../../../src/engine/restate/server/ports.ts'
import type { KeyScope } from '../../../src/house/scope.ts'
import { createClient as clientOver } from '../../../src/http/client/client.ts'
import { socketFetch } from '../../../src/http/client/transport/unix-socket.ts'
import { readOwner } from '../../../src/store/data-folder/owner-record.ts'
import { openBench } from '../../cli/commands.ts'
import { REAL } from '../../cli/programs.ts'

/** One process of `antiphon serve`. */
export type Node = {
  readonly url: string
  readonly pid: number
  /** Ends it where it stands. */
  kill(): Promise<void>
}

/** What a node says: its status, and its body as JSON where it is that, as the durable events where it is a stream. */
type Told = { readonly status: number; readonly body: unknown }

/** Somebody with a key, at one of the nodes. */
export type Asker = {
  readonly client: Client
  ask(method: string, path: string, body?: unknown, key?: string): Promise<Told>
  fetch(method: string, path: string, body?: unknown, headers?: { readonly [name: string]: string }): Promise<Response>
}

type Place = { readonly admin: string; readonly model: string }

/** Two nodes behind one address, in a folder of which `open` is open to all; `model`: where lab/one is asked. */
export async function openNodes({ admin, model }: Place, atEnd: (close: () => void) => void) {
  const bench = openBench(REAL, atEnd)
  const [port] = await findPorts(1)
  for (const name of ['open', 'common']) mkdirSync(bench.path(name))
  const place = `port: ${port}, reusePort: true, address: 'http://127.0.0.1:${port}', shared: common`
  bench.write(
    'antiphon.yaml',
    'roots: [., open]',
    'embedder: none',
    'serve: { tools: [terminal] }',
    `providers: { lab: { type: openai-compatible, baseURL: '${model}/v1' } }`,
    `engine: { restate: { admin: '${admin}', namespace: served, ${place} } }`,
  )
  const [one, other] = await Promise.all([startNode(bench, 'one'), startNode(bench, 'other')])
  const keys = clientOver(socketFetch(readOwner(bench.path('one'))!.socket!)).access.keys
  const keyOf = async (owner: string, ...scopes: readonly KeyScope[]) => keys.create({ name: owner, owner, scopes })
  return { ...bench, one, other, keys, keyOf }
}

async function startNode(bench: ReturnType<typeof openBench>, data: string): Promise<Node> {
  const { said, child, ended } = bench.start(['serve', '--listen', '0', '--data', data])
  await said('use it now')
  const { url, pid } = readOwner(bench.path(data))!
  return {
    url: url!,
    pid,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Who asks a node with a key. */
export function askerAt({ url }: Node, key: string): Asker {
  const send: Asker['fetch'] = (method, path, body, headers = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    client: createClient({ url, key }),
    fetch: send,
    ask: async (method, path, body, again) =>
      toldIn(await send(method, path, body, again === undefined ? {} : { 'idempotency-key': again })),
  }
}

async function toldIn(response: Response): Promise<Told> {
  const { status, headers } = response
  const [text, type = ''] = [await response.text(), headers.get('content-type') ?? '']
  if (type.includes('json')) return { status, body: JSON.parse(text) }
  return { status, body: type.includes('event-stream') ? durableIn(text) : text }
}

const durableIn = (text: string) => text.split('\n\n').filter((block) => /^id: /m.test(block))
