import { join } from 'node:path'
import { writePipeline } from '../engine/pipeline.ts'
import { type Driven, drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { CLIENTS, LONGEST, startClients } from './asks.ts'
import type { Load } from './client.ts'
import { BARE, openServer } from './server.ts'

/** Requests per second: what a bare handler on the same server answers, a cheap route, and starting a run over HTTP and without. */
export async function measure({ folder, seconds }: Task): Promise<Figures> {
  const { runtime, served } = await openServer(folder)
  const clients = startClients()
  const milliseconds = seconds * 1000
  const put = async (load: Pick<Load, 'method' | 'path' | 'status' | 'body'>) => {
    const ask = (id: string, ms: number) =>
      clients.ask<Driven>(
        { port: served.port, clients: CLIENTS, milliseconds: ms, id, ...load } satisfies Load,
        LONGEST,
      )
    await ask('warm', milliseconds)
    return ask('cold', milliseconds)
  }
  const bare = await put({ method: 'GET', path: BARE, status: 200 })
  const cheap = await put({ method: 'GET', path: '/v1/status', status: 200 })
  const file = join(await writePipeline(folder, 1))
  const start = await put({ method: 'POST', path: '/v1/runs', status: 202, body: { file } })
  await runtime.idle()
  const begin = async () => void (await runtime.startRun({ file }))
  await drive(CLIENTS, milliseconds, begin)
  const within = await drive(CLIENTS, milliseconds, begin)
  await clients.end()
  await served.close()
  await runtime.stop()
  return { bare: bare.perSecond, cheap: cheap.perSecond, start: start.perSecond, within: within.perSecond }
}
