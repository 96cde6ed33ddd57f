import type { Client } from '../../../http/client/client.ts'
import { isStep } from '../../../inbox/room/port.ts'
import type { RunSummary } from '../../../run/room/documents.ts'
import type { RuntimeStatus } from '../../../runtime/ports/maintenance.ts'
import type { InboxItem } from '../../../thread/room/documents/inbox.ts'

/** A sample of a process: times in ms, rates per second. */
export type TopSample = {
  readonly at: number
  readonly pid: number
  readonly data: string
  readonly uptime: number
  /** bytes of memory; `group`: with the processes of its calls, where that is known */
  readonly use?: RuntimeStatus['use']
  readonly active: number
  /** running and waiting runs, the newest first: at most `MAX_RUNS` */
  readonly runs: readonly RunSummary[]
  /**
   * steps that wait for people, steps and questions that wait for money, questions that wait for a decision, threads
   * that ask their users for consent, and messages that failed for good: at most a hundred are counted
   */
  readonly waiting: number
  readonly money: number
  readonly decisions: number
  readonly consents: number
  readonly letters: number
  /** absent on Restate, whose server counts */
  readonly engine?: { readonly residents: number; readonly waiting: number }
  readonly rates: { readonly [name in SampledRate]?: number }
  readonly pools: RuntimeStatus['pools']
}
/** `cpu` in seconds for a second. */
type SampledRate = 'cpu' | 'turns' | 'commits' | 'flushes' | 'bytes' | 'tasks'
type Sampler = () => Promise<TopSample>

const MAX_COUNTED = 100

export const MAX_RUNS = 200

/** A function that takes a sample; from the second call on with rates. */
export function createSampler(client: Client): Sampler {
  let before: Counted | undefined
  return async () => {
    const [status, runs, inbox, letters] = await Promise.all([
      client.status(),
      // a run that begins to wait between two lists would be in both
      client.runs.list({ status: 'open', limit: MAX_RUNS }),
      client.inbox.list({ limit: MAX_COUNTED }),
      client.inspector.deadLetters.list({ limit: MAX_COUNTED }),
    ])
    const waiting = inbox.filter((item) => isStep(item) && !['money', 'provider', 'code'].includes(item.kind)).length
    const countOf = (kind: InboxItem['kind']) => inbox.filter((item) => item.kind === kind).length
    const counted = countedIn(status)
    const rates = before ? ratesOf(before, counted) : {}
    before = counted
    const { pid, use, data, startedAt, active, engine, pools } = status
    return {
      at: counted.at,
      pid,
      data,
      uptime: counted.at - startedAt,
      ...(use && { use }),
      active: active.length,
      runs,
      waiting,
      money: countOf('money'),
      decisions: countOf('decision'),
      consents: countOf('consent'),
      letters: letters.length,
      ...(engine && { engine: { residents: engine.residents, waiting: engine.waiting } }),
      rates,
      pools,
    }
  }
}

type Counted = { readonly at: number; readonly counts: { readonly [name in SampledRate]?: number } }

function countedIn({ engine, pools, use }: RuntimeStatus): Counted {
  const tasks = pools.reduce((sum, { done, failed }) => sum + done + failed, 0)
  const { turns, commits, flushes, bytes } = engine ?? {}
  const counts = { ...(use && { cpu: use.cpu }), ...(engine && { turns, commits, flushes, bytes }), tasks }
  return { at: Date.now(), counts: counts as Counted['counts'] }
}

function ratesOf(before: Counted, now: Counted): TopSample['rates'] {
  const seconds = Math.max(1, now.at - before.at) / 1000
  const rates = Object.entries(now.counts).map(([name, count]) => [
    name,
    (count - (before.counts[name as SampledRate] ?? 0)) / seconds,
  ])
  return Object.fromEntries(rates)
}
