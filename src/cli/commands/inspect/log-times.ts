import type { Client } from '../../../http/client/client.ts'
import type { RunDocument } from '../../../pipeline/report/document.ts'

/** When an event happened (ms since the epoch), if a run or a thread records it; other actors record no times. */
export async function createEventClock(client: Client, of: string): Promise<(body: unknown) => number | undefined> {
  if (of.startsWith('chain/')) return timeSaid
  if (!of.startsWith('run/')) return () => undefined
  const run = await client.runs.get(of.slice('run/'.length))
  return (body) => timeIn(run, body)
}

function timeSaid(body: unknown): number | undefined {
  const { at } = (body ?? {}) as { readonly at?: unknown }
  return typeof at === 'number' ? at : undefined
}

function timeIn({ started_at, completed_at, steps }: RunDocument, body: unknown): number | undefined {
  const { type, step = '' } = (body ?? {}) as { readonly type?: string; readonly step?: string }
  switch (type) {
    case 'run-start':
      return momentIn(started_at)
    case 'run-end':
      return momentIn(completed_at)
    case 'step-start':
      return momentIn(steps[step]?.started_at)
    case 'step-end':
      return momentIn(steps[step]?.completed_at)
    default:
      return undefined
  }
}

function momentIn(text: string | null | undefined): number | undefined {
  const at = text ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
