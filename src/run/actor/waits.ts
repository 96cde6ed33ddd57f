import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { justBeforePrefix, type ReadParts } from '../../kernel/parts.ts'
import type { Effects } from '../../kernel/types.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import type { Signal } from '../../step/messages/signal.ts'
import { type StepPart, stepPartName } from '../../step/record/outcome.ts'
import type { RunHead, WaitRange } from '../run.ts'

/**
 * The steps of a run that wait for a signal or for budget. Each wait has a number and a part `wait/<number>`; waits for
 * one name form a queue, linked in order of arrival. So each wait costs the same, however many there are.
 */
export type StepWaitEntry = {
  readonly name: string
  readonly step: string
  /** the step has not made its call */
  readonly unmade?: true
  /** a machine sends the signal, to an address */
  readonly url?: true
}

type LinkedWait = StepWaitEntry & { readonly next?: number }
/** The first and the last wait for one name, in part `waits/<name>`. */
type WaitLine = { readonly first: number; readonly last: number }
type PartWrites = { [name: string]: Json | null }
type ReadPart = Effects['part']

/** The prefix of the parts that hold one wait each. */
const WAIT_PREFIX = 'wait/'
const waitPart = (number: number) => `${WAIT_PREFIX}${number}`
// unlike the name of a part, the name of a signal may contain NUL or a lone surrogate
/** The part of a run that exists while a step waits for that name. */
export const waitsPartName = (name: string) => `waits/${JSON.stringify(name)}`

const NO_WAITS: WaitRange = { head: 0, tail: 0 }

/** The waits of the steps of a run, the oldest first; `limit`: how many of them are read at a time. */
export async function* waitsIn(readParts: ReadParts, run: string, limit?: number): AsyncGenerator<StepWaitEntry> {
  const page = { prefix: WAIT_PREFIX, after: justBeforePrefix(WAIT_PREFIX), ...(limit !== undefined && { limit }) }
  for await (const [, part] of readParts(runRef(run), page)) yield part as StepWaitEntry
}

/** Puts a wait at the end of the queue for its name. */
export async function enqueueWait({ waits = NO_WAITS }: Pick<RunHead, 'waits'>, wait: StepWaitEntry, part: ReadPart) {
  const { tail } = waits
  const line = (await part(waitsPartName(wait.name))) as WaitLine | undefined
  const last = line && ((await part(waitPart(line.last))) as LinkedWait)
  const parts: PartWrites = {
    ...(last && { [waitPart(line.last)]: { ...last, next: tail } }),
    [waitPart(tail)]: wait,
    [waitsPartName(wait.name)]: { first: line?.first ?? tail, last: tail },
  }
  return { parts, waits: { ...waits, tail: tail + 1 } }
}

/** Removes the first wait whose step is still running from a queue, together with the expired ones before it. */
export async function dequeueWait(name: string, part: ReadPart): Promise<{ parts: PartWrites; step?: string }> {
  const parts: PartWrites = {}
  const line = (await part(waitsPartName(name))) as WaitLine | undefined
  for (let number = line?.first; line && number !== undefined; ) {
    const { step, next } = (await part(waitPart(number))) as LinkedWait
    parts[waitPart(number)] = null
    parts[waitsPartName(name)] = next === undefined ? null : { first: next, last: line.last }
    if (decodeStep(await part(stepPartName(step)))?.status === 'running') return { parts, step }
    number = next
  }
  return { parts }
}

/** Removes up to `count` waits of any name, oldest first. A wait that stays is the only one of its name. */
export async function dequeueWaits(
  { waits = NO_WAITS }: RunHead,
  count: number,
  part: ReadPart,
  stays: (wait: StepWaitEntry) => boolean,
) {
  const parts: PartWrites = {}
  const steps: string[] = []
  let { head } = waits
  let first: number | undefined
  for (; head < waits.tail && steps.length < count; head++) {
    const wait = (await part(waitPart(head))) as LinkedWait | undefined
    if (!wait) continue
    if (stays(wait)) {
      first ??= head
      continue
    }
    const { name, step, next } = wait
    const { last } = (await part(waitsPartName(name))) as WaitLine
    parts[waitPart(head)] = null
    // no earlier wait has that name, so this one is the first of its queue
    parts[waitsPartName(name)] = next === undefined ? null : { first: next, last }
    steps.push(step)
  }
  return { parts, steps, waits: { ...waits, head: first ?? head } }
}

/**
 * An open wait of a workflow. It is no work, so it has a part of its own, and no place among the steps in flight.
 * `signal`: it went to the wait, which judges it. `withdrawn`: the wait is over, and a signal that it took comes back.
 */
export type OpenWait = {
  readonly number: number
  readonly signal?: Omit<Signal, 'type'>
  readonly withdrawn?: true
}

/** The prefix of the parts that hold one open wait each. */
export const OPEN_WAITS = 'open/'

export const openWaitPart = (step: string) => `${OPEN_WAITS}${step}`

/** The write that notes which signal an open wait judges; undefined: it has refused it. */
export async function noteUnderWay(
  step: string,
  signal: OpenWait['signal'],
  part: Effects['part'],
): Promise<{ readonly [name: string]: Json }> {
  const wait = (await part(openWaitPart(step))) as OpenWait | undefined
  if (!wait || signal?.name === step || (!signal && !wait.signal)) return {}
  const { signal: _, ...open } = wait
  return { [openWaitPart(step)]: { ...open, ...(signal && { signal }) } as Json }
}

/** The steps of a run that wait for a person before they make their call. */
export async function unmadeIn(
  readParts: ReadParts,
  run: string,
  steps: ReadonlyMap<string, StepPart>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  if (![...steps.values()].some(({ status }) => status === 'running')) return found
  for await (const { step, unmade } of waitsIn(readParts, run))
    if (unmade && steps.get(step)?.status === 'running') found.add(step)
  return found
}
