import type { RunDocument } from '../../pipeline/report/document.ts'
import type { StepItem } from '../../runtime/ports/inbox.ts'
import type { Client } from '../client/client.ts'
import { ownerGone } from '../client/transport/errors.ts'

/** A run that ended, that waits for people, or that still works when the patience is over. */
export type Standing =
  | { readonly type: 'ended'; readonly run: RunDocument }
  | { readonly type: 'waits'; readonly items: readonly StepItem[] }
  | { readonly type: 'works' }

/** `tell` is given words about how far the run got. `patience`: ms to wait at most; absent: as long as it takes. */
export type Watch = {
  readonly signal: AbortSignal
  tell(words: string): Promise<void>
  readonly patience?: number
}

type EventFields = { readonly type?: string; readonly run?: string; readonly step?: string }

/** Waits until a run ends, or until it, or a run below it, waits for a person. */
export async function standingOf(client: Client, run: string, watch: Watch): Promise<Standing> {
  const { signal, tell, patience } = watch
  await tell(`The run is ${run}.`)
  const impatient = patience === undefined ? [] : [AbortSignal.timeout(patience)]
  const isOver = () => impatient.some(({ aborted }) => aborted) && !signal.aborted
  try {
    const standing = await followToRest(client, run, { tell, signal: AbortSignal.any([signal, ...impatient]) })
    if (standing) return standing
  } catch (error) {
    if (!isOver()) throw error
  }
  signal.throwIfAborted()
  if (isOver()) return { type: 'works' }
  throw ownerGone()
}

async function followToRest(
  { runs, inbox }: Client,
  run: string,
  { signal, tell }: Omit<Watch, 'patience'>,
): Promise<Standing | undefined> {
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
  return undefined
}
