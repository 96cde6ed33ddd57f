import { isBusy, problemOf } from '../../../errors.ts'
import { isInterruption } from '../../../kernel/interrupt.ts'
import { isWithinSize, KERNEL_LIMITS } from '../../../kernel/limits.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Effect, EffectCall, Effects, Turn } from '../../../kernel/types.ts'
import { encodeEnd } from '../../plan/codec.ts'
import { compiledStepAt } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type {
  CompactOutcome,
  DeferredStep,
  EncodedStepEnd,
  GroupEnd,
  StepOutcome,
} from '../../plan/messages/step-end.ts'
import type { PriorOutcome, StepStart } from '../../plan/messages/step-start.ts'
import { opener } from '../recovery/recover.ts'
import type { StepState } from '../step-state.ts'
import { endOf, notePace } from './journal.ts'
import type { Hands } from './latency.ts'
import { nameOf, perform, type Stride } from './sequence.ts'

/**
 * Does those of a group side by side that are known to be quick, and tells together how they ended. What is not known as quick, or is
 * worth another attempt, its run has go on in a turn of its own, under the same key.
 */
export async function doTogether(hands: Hands, first: StepStart, effects: Effects): Promise<Turn<StepState>> {
  const starts = startsIn(first)
  const outcomes = (await effects.runAll(effectsOf(hands, starts, effects))) as unknown as readonly Outcome[]
  const ends: EncodedStepEnd[] = []
  const apart: DeferredStep[] = []
  for (const [n, start] of starts.entries()) {
    const outcome = outcomes[n]!
    const key = `${effects.message.id}/${nameOf(start)}`
    if (isShort(outcome)) ends.push([start.step, ...outcome, key])
    else if ('status' in outcome) ends.push(endOf(start, outcome, key))
    else apart.push({ step: start.step, key, ...(outcome.type !== 'apart' && { came: outcome }) })
  }
  const [reply, ...others] = groupEnds({ type: 'group-end', of: first.step, ends, apart })
  const to = effects.message.replyTo!
  return { reply, send: others.map((body) => ({ to, body, type: 'response' })), stop: true }
}

/** What is journaled of a step of a group: its end, that it was not begun, or that it is worth another attempt. */
type Outcome = StepOutcome | CompactOutcome | { readonly type: 'apart' } | PriorOutcome

function startsIn({ beside = [], ...first }: StepStart): readonly StepStart[] {
  const { insists: _, ...same } = first
  return [first, ...beside.map((other) => ({ ...same, ...other }))]
}

function effectsOf(hands: Hands, starts: readonly StepStart[], effects: Effects): readonly Effect[] {
  const open = opener(hands.services, starts[0]!)
  return starts.map((start) => ({
    name: nameOf(start),
    effect: start.effect,
    act: (call) => doOne({ ...hands, open, start, done: 0 }, call, effects) as Promise<Json>,
  }))
}

async function doOne(stride: Omit<Stride, 'whose'>, call: EffectCall, effects: Effects): Promise<Outcome> {
  const { paces, open, start } = stride
  try {
    const opened = open()
    const pipeline = opened instanceof Promise ? await opened : opened
    const { work } = compiledStepAt(pipeline, parseInstance(pipeline, start.step)!.node)
    // whom a budget lends to makes one call at a time
    if (!paces.isQuick(work) || work.type === 'text') return APART
    const outcome = await perform(stride, call, effects, [])
    // none that asks is ever in a group
    if ('type' in outcome) return outcome as PriorOutcome
    notePace(paces, work, outcome)
    return encodeEnd(outcome) ?? outcome
  } catch (error) {
    if (isInterruption(error) || call.signal.aborted) throw error
    const problem = problemOf(error)
    // what is full was not begun
    return isBusy(problem) ? APART : { type: 'thrown', problem }
  }
}

const isShort = (outcome: Outcome): outcome is CompactOutcome => Array.isArray(outcome)

const APART = { type: 'apart' } as const

/** What became of a group in one message, or in one of each of its steps when that is too long. */
function groupEnds(told: GroupEnd): readonly [Json, ...Json[]] {
  if (isWithinSize(told, KERNEL_LIMITS.body)) return [told as unknown as Json]
  const { type, of } = told
  const each: readonly GroupEnd[] = [
    ...told.ends.map((end) => ({ type, of, ends: [end], apart: [] })),
    ...told.apart.map((one) => ({ type, of, ends: [], apart: [one] })),
  ]
  return each as unknown as [Json, ...Json[]]
}
