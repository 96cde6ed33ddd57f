import { type WorkRef, workOf } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import { type ActorRef, nameOf, parseRef } from '../../kernel/ref.ts'
import { type QueueState, WAIT_PREFIX } from './queue-state.ts'

type View = { peek(of: ActorRef): Promise<Json | undefined>; readonly parts: ReadParts }

/**
 * How a run or a goal stands in the queue of its key. `place`: 1 is next. `behind`: those at work. `until`: another
 * start of the key takes its place by then.
 */
type QueuePlace = {
  readonly key: string
  readonly place?: number
  readonly behind: readonly WorkRef[]
  readonly perMinute?: number
  readonly until?: number
}

/** Runs and goals of a key that are named. */
const SHOWN = 10

/** The place of a run or a goal in a queue; undefined: there is no such queue any more. */
export async function placeInQueue(
  { peek, parts }: View,
  queue: ActorRef,
  of: ActorRef,
): Promise<QueuePlace | undefined> {
  const state = (await peek(queue)) as QueueState | undefined
  if (!state) return undefined
  const place = await placeAmongWaiting(parts, queue, nameOf(of))
  const { key, active, perMinute, debounced, debouncedUntil } = state
  return {
    key,
    ...(place !== undefined && { place }),
    behind: worksOf(active),
    ...(perMinute !== undefined && { perMinute }),
    ...(debounced === nameOf(of) && debouncedUntil !== undefined && { until: debouncedUntil }),
  }
}

/** The ids of the runs and goals of a queue that are at work, at most ten. */
export async function behindIn({ peek }: Pick<View, 'peek'>, queue: ActorRef): Promise<readonly string[]> {
  return worksOf(((await peek(queue)) as QueueState | undefined)?.active ?? []).map(({ id }) => id)
}

const worksOf = (active: QueueState['active']) => active.slice(0, SHOWN).flatMap((name) => workOf(parseRef(name)) ?? [])

/** The place among those that wait. Parts come in the order of their names, which is not that of numbers. */
async function placeAmongWaiting(parts: ReadParts, queue: ActorRef, of: string): Promise<number | undefined> {
  const numbers: number[] = []
  let own: number | undefined
  for await (const [name, waiting] of parts(queue, { prefix: WAIT_PREFIX, after: WAIT_PREFIX })) {
    const number = Number(name.slice(WAIT_PREFIX.length))
    numbers.push(number)
    if (waiting === of) own = number
  }
  return own === undefined ? undefined : numbers.filter((number) => number <= own).length
}
