import { writePipeline } from '../engine/pipeline.ts'
import { type Driven, drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { CLIENTS, LONGEST, startClients } from './asks.ts'
import type { Load } from './client.ts'
import { BARE, openServer, type Server } from './server.ts'

type Request = Pick<Load, 'method' | 'path' | 'status' | 'body'>
type Put = (request: Request) => Promise<number>

const BARE_REQUEST: Request = { method: 'GET', path: BARE, status: 200 }
const CHEAP_REQUEST: Request = { method: 'GET', path: '/v1/status', status: 200 }

/** Requests per second: of a bare handler, and of a cheap route on the same server. */
export function measureCheap(task: Task): Promise<Figures> {
  return withServer(task, async (_server, put) => ({ bare: await put(BARE_REQUEST), cheap: await put(CHEAP_REQUEST) }))
}

/** Runs started per second, over HTTP and without; and requests per second of a bare handler on the same server. */
export function measureStarts(task: Task): Promise<Figures> {
  return withServer(task, async ({ runtime }, put) => {
    const file = await writePipeline(task.folder, 1)
    const bare = await put(BARE_REQUEST)
    const start = await put({ method: 'POST', path: '/v1/runs', status: 202, body: { file } })
    await runtime.idle()
    const begin = async () => void (await runtime.runs.start({ file }))
    await drive(CLIENTS, task.warmUp * 1000, begin)
    const within = await drive(CLIENTS, task.seconds * 1000, begin)
    return { bare, start, within: within.perSecond }
  })
}

async function withServer(
  { folder, warmUp, seconds }: Task,
  work: (server: Server, put: Put) => Promise<Figures>,
): Promise<Figures> {
  const server = await openServer(folder)
  const clients = startClients()
  const { port } = server.served
  const ask = (id: string, milliseconds: number, request: Request) =>
    clients.ask<Driven>({ port, clients: CLIENTS, milliseconds, id, ...request } satisfies Load, LONGEST)
  const figures = await work(server, async (request) => {
    await ask('warm', warmUp * 1000, request)
    return (await ask('cold', seconds * 1000, request)).perSecond
  })
  await clients.end()
  await server.served.close()
  await server.runtime.stop()
  return figures
}
