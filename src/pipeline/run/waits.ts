import type { Json } from '../../kernel/schema.ts'
import type { Effects } from '../../kernel/types.ts'
import { decodeStep } from '../plan/codec.ts'
import { stepPartName } from '../plan/instance.ts'
import type { RunState, WaitRange } from '../plan/run-state.ts'

/**
 * The steps of a run that wait for a signal or for money. Each wait has a number and a part `wait/<number>`; those of one name are a
 * line, linked in the order in which they came. So each wait costs the same, however many there are.
 */
export type Wait = { readonly name: string; readonly step: string }

type Linked = Wait & { readonly next?: number }
/** The first and the last wait for one name, in part `waits/<name>`. */
type Line = { readonly first: number; readonly last: number }
type Written = { [name: string]: Json | null }
type Part = Effects['part']

/** What the parts begin with that keep one wait each. */
export const WAIT = 'wait/'
const waitPart = (number: number) => `${WAIT}${number}`
// a part's name holds no NUL and no half of a character, and the name of a signal may
const linePart = (name: string) => `waits/${JSON.stringify(name)}`

const NO_WAITS: WaitRange = { head: 0, tail: 0 }

/** The wait that such a part keeps. */
export const waitIn = (part: Json): Wait => part as unknown as Wait

/** Puts a wait at the end of the line for its name. */
export async function addWait({ waits = NO_WAITS }: RunState, wait: Wait, part: Part) {
  const { tail } = waits
  const line = (await part(linePart(wait.name))) as Line | undefined
  const last = line && ((await part(waitPart(line.last))) as Linked)
  const parts: Written = {
    ...(last && { [waitPart(line.last)]: { ...last, next: tail } }),
    [waitPart(tail)]: wait,
    [linePart(wait.name)]: { first: line?.first ?? tail, last: tail },
  }
  return { parts, waits: { ...waits, tail: tail + 1 } }
}

/** Takes the first step out of a line that still waits, and those before it, whose time was over. */
export async function takeWait(name: string, part: Part): Promise<{ parts: Written; step?: string }> {
  const parts: Written = {}
  const line = (await part(linePart(name))) as Line | undefined
  for (let number = line?.first; line && number !== undefined; ) {
    const { step, next } = (await part(waitPart(number))) as Linked
    parts[waitPart(number)] = null
    parts[linePart(name)] = next === undefined ? null : { first: next, last: line.last }
    if (decodeStep(await part(stepPartName(step)))?.status === 'running') return { parts, step }
    number = next
  }
  return { parts }
}

/** Takes up to so many waits of any name, the oldest first. */
export async function takeWaits({ waits = NO_WAITS }: RunState, count: number, part: Part) {
  const parts: Written = {}
  const steps: string[] = []
  let { head } = waits
  for (; head < waits.tail && steps.length < count; head++) {
    const wait = (await part(waitPart(head))) as Linked | undefined
    if (!wait) continue
    const { name, step, next } = wait
    const { last } = (await part(linePart(name))) as Line
    parts[waitPart(head)] = null
    // no older wait has that name: this one is the first of its line
    parts[linePart(name)] = next === undefined ? null : { first: next, last }
    steps.push(step)
  }
  return { parts, steps, waits: { ...waits, head } }
}
