import { hash } from 'node:crypto'
import type { CallMark, RoundCall } from './state.ts'

/** Calls that are compared, and how many of them must be alike. */
const WINDOW = 5
const REPEATS = 3

/** The verdict on the newest calls: `repeats` tells the model so, `stuck` asks a person. */
export type LoopVerdict = {
  readonly recent: readonly CallMark[]
  readonly verdict: { readonly type: 'fine' } | { readonly type: 'repeats' | 'stuck'; readonly tool: string }
}

/**
 * Compares tool, parameters and result of the newest calls. When the same call gives the same result three times within five calls, the
 * model is told; when that happens again, the goal is stuck. Pure.
 */
export function guardLoops(recent: readonly CallMark[], calls: readonly RoundCall[]): LoopVerdict {
  let marks = recent
  let verdict: LoopVerdict['verdict'] = { type: 'fine' }
  for (const call of calls) {
    const mark = markOf(call)
    const alike = marks.slice(1 - WINDOW).filter((one) => isAlike(one, mark))
    const isRepeated = alike.length + 1 >= REPEATS
    const isKnown = alike.some(({ told }) => told)
    marks = [...marks.slice(1 - WINDOW), isRepeated ? { ...mark, told: true as const } : mark]
    if (isRepeated && verdict.type !== 'stuck') verdict = { type: isKnown ? 'stuck' : 'repeats', tool: call.tool }
  }
  return { recent: marks, verdict }
}

function markOf({ tool, parameters, result }: RoundCall): CallMark {
  return { call: digest([tool, sorted(parameters)]), result: digest(result?.output ?? null) }
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
