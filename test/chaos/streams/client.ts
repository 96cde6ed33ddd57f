import { setTimeout as sleep } from 'node:timers/promises'
import { decodeEvents, type Sent } from '../../../src/http/wire/sse.ts'

/** What one client was told of a run, over all of its connections. */
export type Heard = { readonly run: string; readonly events: readonly Sent[]; readonly connections: number }

/** Asks again and again, of the next server each time, until the answer is good. */
export async function insist(urls: readonly string[], path: string, init: (tries: number) => RequestInit) {
  for (let tries = 0; ; tries++) {
    const response = await fetch(`${urls[tries % urls.length]}${path}`, init(tries)).catch(() => undefined)
    if (response?.ok) return response
    await response?.body?.cancel()
    await sleep(10)
  }
}

/** Follows a run to its end as a browser would: it comes back after each break, to the next server, and says which event it had last. */
export async function followRun(
  urls: readonly string[],
  first: number,
  run: string,
  signal: AbortSignal,
  onEvent: () => void,
): Promise<Heard> {
  const events: Sent[] = []
  for (let connections = 1; ; connections++) {
    const turned = urls.map((_, n) => urls[(first + connections + n) % urls.length]!)
    const last = events.at(-1)?.id
    const headers = last === undefined ? {} : { 'last-event-id': String(last) }
    const { body } = await insist(turned, `/v1/runs/${run}/events`, () => ({ headers, signal }))
    const isWhole = await take(body!, (event) => {
      events.push(event)
      onEvent()
    })
    if (isOver(events)) return { run, events, connections }
    signal.throwIfAborted()
    if (isWhole) throw new Error(`a stream of ${run} ended as if it were complete, after event ${events.at(-1)?.id}`)
  }
}

/** False when it broke off. */
async function take(body: ReadableStream<Uint8Array>, onEvent: (event: Sent) => void): Promise<boolean> {
  try {
    for await (const event of decodeEvents(body)) if (event.id !== undefined) onEvent(event)
    return true
  } catch {
    return false
  }
}

const isOver = (events: readonly Sent[]) => (events.at(-1)?.data as { type?: string } | undefined)?.type === 'run-end'
