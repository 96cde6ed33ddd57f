import type { RunDocument } from '../../pipeline/report/document.ts'
import type { StepItem } from '../../runtime/ports/inbox.ts'
import type { Client } from '../client/client.ts'
import { ownerGone } from '../client/transport/errors.ts'

/** A run that ended, or that waits for people. */
export type Standing =
  | { readonly type: 'ended'; readonly run: RunDocument }
  | { readonly type: 'waits'; readonly items: readonly StepItem[] }

/** `tell` is given words about how far the run got. */
export type Watch = { readonly signal: AbortSignal; tell(words: string): Promise<void> }

type EventFields = { readonly type?: string; readonly run?: string; readonly step?: string }

/** Waits until a run ends, or until it, or a run below it, waits for a person. */
export async function standingOf({ runs, inbox }: Client, run: string, { signal, tell }: Watch): Promise<Standing> {
  await tell(`The run is ${run}.`)
  for await (const { n, body } of runs.events(run, { signal })) {
    if (n === undefined) continue
    const { type, run: below = run, step } = body as EventFields
    if (type === 'run-end') return { type: 'ended', run: await runs.get(run) }
    if (type === 'step-end') await tell(`${step} has ended.`)
    if (type !== 'signal-wait') continue
    // an earlier wait may be over by now
    const items = await inbox.list({ run: below })
    if (items.length > 0) return { type: 'waits', items }
  }
  signal.throwIfAborted()
  throw ownerGone()
}
