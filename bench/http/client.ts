// Clients in a process of their own, so that what they cost is not the server's: each asks for one thing after another.
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from '../children.ts'
import { type Driven, percentile } from '../load.ts'
import { openWire, requestOf, type Wire } from './wire.ts'

/** What so many clients ask for so many ms; in path and body `#` stands for the number of the client, `@` for that of the request. */
export type Load = {
  readonly port: number
  readonly clients: number
  readonly milliseconds: number
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  readonly status: number
  /** no other load has it */
  readonly id: string
  /** ms between an answer and the next request, on average */
  readonly pause?: number
}

let requests = 0

answer(async (load: Load): Promise<Driven> => {
  const wires = await Promise.all(Array.from({ length: load.clients }, () => openWire(load.port)))
  const times: number[] = []
  const start = performance.now()
  const end = start + load.milliseconds
  const work = async (client: number) => {
    for (;;) {
      if (load.pause) await sleep(2 * load.pause * Math.random())
      if (performance.now() >= end) return
      times.push(await ask(wires[client]!, load, client))
    }
  }
  await Promise.all(Array.from({ length: load.clients }, (_, client) => work(client)))
  for (const { close } of wires) close()
  const elapsed = performance.now() - start
  times.sort((a, b) => a - b)
  const { length: count } = times
  return { perSecond: (count / elapsed) * 1000, count, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
})

async function ask(wire: Wire, load: Load, client: number): Promise<number> {
  const number = `${load.id}-${requests++}`
  const fill = (text: string) => text.replaceAll('#', String(client)).replaceAll('@', number)
  const body = load.body && (JSON.parse(fill(JSON.stringify(load.body))) as object)
  const request = requestOf(load.method, fill(load.path), body)
  const from = performance.now()
  const { status, body: said } = await wire.exchange(request)
  if (status !== load.status) throw new Error(`the answer was ${status}: ${said.slice(0, 300)}`)
  return performance.now() - from
}
