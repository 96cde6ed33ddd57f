import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'
import { type Driven, percentile } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import type { Load } from './client.ts'
import { openServer, type Server } from './server.ts'

export const CLIENTS = 64
/** ms between an answer and the next question of a client: one after the other without a pause, all would only wait for each other */
export const PAUSE = 1_500

/** so many times the time that is measured elsewhere: there is one question where there are thousands of updates, and 20 of 2 000 say what the slowest hundredth is */
const LONGER = 120

/** Questions over HTTP, and how long the runtime took for these very same ones; ms. */
export async function measure({ folder, warmUp, seconds }: Task): Promise<Figures> {
  const { runtime, served } = await openServer(folder)
  const times = timeAsks(runtime)
  const clients = startClients()
  const load = (pause: number, thread: string, milliseconds: number) =>
    clients.ask<Driven>(
      {
        port: served.port,
        clients: CLIENTS,
        milliseconds,
        pause,
        id: thread,
        status: 200,
        method: 'POST',
        path: `/v1/threads/${thread}-#/asks`,
        body: { prompt: 'why?', id: '@' },
      } satisfies Load,
      LONGEST,
    )
  await load(0, 'warm', warmUp * 1000)
  await load(PAUSE, 'again', 1_000)
  times.length = 0
  const { p50, p99, perSecond } = await load(PAUSE, 'cold', LONGER * seconds * 1000)
  times.sort((a, b) => a - b)
  const engine99 = percentile(times, 0.99)
  await clients.end()
  await served.close()
  await runtime.stop()
  return { perSecond, p50, p99, engine50: percentile(times, 0.5), engine99, over: p99 - engine99 }
}

/** ms that a load may take */
export const LONGEST = 90_000

/** Clients in a process of their own. */
export function startClients(): Child {
  return startChild(join(import.meta.dirname, 'client.ts'))
}

/** From now on how long each question takes in the runtime itself. */
function timeAsks(runtime: Server['runtime']): number[] {
  const times: number[] = []
  const { ask } = runtime.threads
  runtime.threads.ask = async (...given) => {
    const from = performance.now()
    const answer = await ask(...given)
    times.push(performance.now() - from)
    return answer
  }
  return times
}
