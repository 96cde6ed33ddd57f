/** The calls of a round with their outcomes. */

import { isDeepStrictEqual } from 'node:util'
import type { LateCall } from '../../context/late-result.ts'
import type { CallOutput, RoundCall } from '../../protocol/rounds.ts'
import type { OpenCalls } from '../../protocol/stored-goal.ts'
import type { CallOutcome, RunOutcomes } from '../services.ts'

/** The calls of a round with the outcomes that their run had. Pure. */
export function withOutcomes(
  calls: readonly RoundCall[],
  { calls: outcomes }: RunOutcomes,
  isDoubtful: (call: RoundCall) => boolean,
): RoundCall[] {
  return calls.map((call) => {
    if (call.step === undefined) return call
    const { result, edited, isCutOff, said } = outcomes[call.step] ?? { result: NOT_MADE }
    const made = asMade(call, { edited, said })
    return { ...made, result: isCutOff && isDoubtful(made) ? { ...result, outcome: 'unknown' } : result }
  })
}

/** The calls of a round that ends early. Those that have not ended are pending. Pure. */
export function pendingCalls(calls: readonly RoundCall[], { calls: outcomes }: RunOutcomes): readonly RoundCall[] {
  return calls.map((call) => {
    if (call.step === undefined) return call
    const { open = 'waiting', result, edited, said } = outcomes[call.step] ?? {}
    const ended = outcomes[call.step]?.open === undefined ? result : undefined
    return { ...asMade(call, { edited, said }), result: ended ?? PENDING[open] }
  })
}

const PENDING: { readonly [open in NonNullable<CallOutcome['open']>]: CallOutput } = {
  waiting: {
    outcome: 'pending',
    output: 'The call waits for a person and has not been made. Its result will come. Do not repeat it.',
  },
  begun: { outcome: 'pending', output: 'The call waits for a person. Its result will come. Do not repeat it.' },
}

/** The calls of a round that are pending; undefined: there are none. Pure. */
export function openIn(run: string, round: number, calls: readonly RoundCall[]): OpenCalls | undefined {
  const steps = calls.flatMap(({ step, result }) => (step !== undefined && result?.outcome === 'pending' ? [step] : []))
  return steps.length > 0 ? { run, round, calls: steps } : undefined
}

/** The open calls that have a result now. Pure. */
export function lateCalls(
  calls: readonly RoundCall[],
  { calls: outcomes }: RunOutcomes,
  { of, isOver }: { readonly of: OpenCalls; readonly isOver: boolean },
): readonly LateCall[] {
  return calls.flatMap((call) => {
    if (call.step === undefined || !of.calls.includes(call.step)) return []
    const found = outcomes[call.step]
    if (!isOver && (!found || found.open)) return []
    const { result = NOT_MADE, edited, isCutOff, said } = found ?? {}
    return [{ ...asMade(call, { edited, said }), late: isCutOff ? { ...result, outcome: 'unknown' } : result }]
  })
}

const NOT_MADE: CallOutput = { outcome: 'cancelled', output: 'the call was not made' }

/** The answers of people about a call, and the parameters that one of them gave it. */
type MadeBy = { readonly [Field in 'edited' | 'said']: CallOutcome[Field] | undefined }

/** The call with what people said of it, and with their parameters. Those of the model stay beside them. */
function asMade(call: RoundCall, { edited, said }: MadeBy): RoundCall {
  const { parameters } = call
  const made = said ? { ...call, said } : call
  return edited === undefined || isDeepStrictEqual(edited, parameters)
    ? made
    : { ...made, parameters: edited, asked: parameters }
}
