import { hash } from 'node:crypto'
import type { RoundCall } from '../protocol/rounds.ts'
import type { Thinking } from '../protocol/state.ts'
import type { CallMark } from '../protocol/stored-goal.ts'

/** Calls that are compared, and how many of them must be alike. */
const WINDOW = 5
const REPEATS = 3

/** The verdict on the newest calls: `repeats` tells the model so, `stuck` asks a person. */
export type LoopVerdict = {
  readonly recent: readonly CallMark[]
  readonly verdict: { readonly type: 'fine' } | { readonly type: 'repeats' | 'stuck'; readonly tool: string }
}

/**
 * Compares tool, parameters and result of the newest calls. When the same call gives the same result three times within
 * five calls, the goal tells the model. If that happens again in a later round, the goal is stuck. Pure.
 */
function guardLoops(recent: readonly CallMark[], calls: readonly RoundCall[]): LoopVerdict {
  let marks = recent
  let verdict: LoopVerdict['verdict'] = { type: 'fine' }
  const repeated: CallMark[] = []
  for (const call of calls) {
    const mark = markOf(call)
    const alike = marks.slice(1 - WINDOW).filter((one) => isAlike(one, mark))
    marks = [...marks.slice(1 - WINDOW), mark]
    if (alike.length + 1 < REPEATS) continue
    repeated.push(mark)
    const isKnown = alike.some(({ told: isNoted }) => isNoted)
    if (verdict.type !== 'stuck') verdict = { type: isKnown ? 'stuck' : 'repeats', tool: call.tool }
  }
  const wasRepeated = (mark: CallMark) => repeated.some((one) => isAlike(one, mark))
  return { recent: marks.map((mark) => (wasRepeated(mark) ? { ...mark, told: true } : mark)), verdict }
}

/** The state after the calls of a round: the model gets a notice when they repeat themselves. */
export function afterCalls(
  state: Thinking,
  calls: readonly RoundCall[],
): { readonly state: Thinking; readonly loop: LoopVerdict['verdict'] } {
  const { recent, verdict: loop } = guardLoops(state.recent, calls)
  const notes = loop.type === 'repeats' ? [...state.told, repeatNote(loop.tool)] : state.told
  return { state: { ...state, recent, told: notes }, loop }
}

const repeatNote = (tool: string) =>
  `The call of ${tool} has given the same result three times. Do something else, or say in the final answer what is missing.`

function markOf({ tool, parameters, result }: RoundCall): CallMark {
  const { output = null, tail, characters } = result ?? {}
  return {
    call: digest([tool, sorted(parameters)]),
    result: digest(tail === undefined ? output : [output, tail, characters]),
  }
}

const isAlike = (one: CallMark, other: CallMark) => one.call === other.call && one.result === other.result

const digest = (value: unknown) => hash('sha256', JSON.stringify(value), 'base64url').slice(0, 16)

/** The value with the fields of its maps in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return fields.map(([name, field]) => [name, sorted(field)])
}
