import type { Inspected } from '../../engine/inspect.ts'
import { KIND } from '../../house/actors.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import { RUN_QUEUE } from '../../run/later/messages.ts'
import { type QueueState, WAIT_PREFIX } from '../../run/later/queue-state.ts'
import { readWait } from '../../work/wait.ts'
import type { Hold } from '../ports/inspector.ts'

type Lent = { peek(of: Inspected['of']): Promise<Json | undefined>; readonly parts: ReadParts }

/** Runs of a key that `why` names. */
const SHOWN = 10

/** A run that waits for its time, or for a slot of its key: its place, and the runs before it. */
export async function laterHolds({ of, cell }: Inspected, { peek, parts }: Lent): Promise<readonly Hold[]> {
  const { later, until } = cell?.index ?? {}
  if (of.kind !== KIND.run || later === undefined) return []
  if (later === 'timed') return [{ type: 'start', until: Number(until) }]
  const wait = readWait(cell?.index)
  if (wait?.type !== 'actor' || wait.actor.kind !== RUN_QUEUE) return []
  const queue = (await peek(wait.actor)) as QueueState | undefined
  if (!queue) return []
  const place = await placeIn(parts, wait.actor, of.key)
  const { key, active, perMinute } = queue
  return [
    {
      type: 'queue',
      key,
      ...(place !== undefined && { place }),
      behind: active.slice(0, SHOWN),
      ...(perMinute !== undefined && { perMinute }),
    },
  ]
}

/** The place of a run among those that wait. Parts come in the order of their names, which is not that of numbers. */
async function placeIn(parts: ReadParts, queue: Inspected['of'], run: string): Promise<number | undefined> {
  const numbers: number[] = []
  let own: number | undefined
  for await (const [name, waiting] of parts(queue, { prefix: WAIT_PREFIX, after: WAIT_PREFIX })) {
    const number = Number(name.slice(WAIT_PREFIX.length))
    numbers.push(number)
    if (waiting === run) own = number
  }
  return own === undefined ? undefined : numbers.filter((number) => number <= own).length
}
