import { isDeepStrictEqual } from 'node:util'
import { shortenResult } from '../../agent/context/shorten.ts'
import type { AgentServices, CallOutcome, RunOutcomes } from '../../agent/goal/services.ts'
import { type CallStatus, type Round, roundPart } from '../../agent/protocol/rounds.ts'
import { goalRef } from '../../agent/protocol/state.ts'
import type { Problem } from '../../errors.ts'
import { asText, isJsonObject, type JsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import { parseExact } from '../../lib/json/exact.ts'
import { ownValue } from '../../lib/own.ts'
import { decodeStep } from '../../pipeline/plan/codec.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import { justBeforePrefix, type ReadParts, readSinglePart, runRef, type ValueStore } from '../../pipeline/plan/refs.ts'
import { type CompletedOutcome, hasEnded, type StepPart, toStepRead } from '../../pipeline/plan/step-outcome.ts'
import { valueOfStep } from '../../pipeline/step/values/step-values.ts'

type Parts = { readonly readParts: ReadParts; readonly values: ValueStore }

/** Reads how the calls of runs ended, for the goals that made them. */
export function outcomeReader({
  readParts,
  values,
}: Parts): Pick<AgentServices, 'readOutcomes' | 'readResult' | 'readRound'> {
  return {
    async readOutcomes(run) {
      const steps = await readSteps(run)
      const calls: { [step: string]: CallOutcome } = {}
      for (const [name, part] of steps)
        if (isCall(name)) calls[name] = await callOutcome(part, steps.get(`approve_${name}`))
      return { calls, waited: waitedIn(steps) } satisfies RunOutcomes
    },
    async readRound(goal, round) {
      return (await readSinglePart(readParts, goalRef(goal), roundPart(round))) as Round | undefined
    },
    async readResult(run, step) {
      const part = decodeStep(await readSinglePart(readParts, runRef(run), stepPartName(step)))
      return part ? (await outcomeOf(part, undefined)).text : ''
    },
  }

  async function readSteps(run: string): Promise<ReadonlyMap<string, StepPart>> {
    const prefix = stepPartName('')
    const steps = new Map<string, StepPart>()
    for await (const [name, part] of readParts(runRef(run), { prefix, after: justBeforePrefix(prefix) }))
      steps.set(name.slice(prefix.length), decodeStep(part)!)
    return steps
  }

  async function callOutcome(part: StepPart, gate: StepPart | undefined): Promise<CallOutcome> {
    const { status, text } = await outcomeOf(part, gate)
    const result = shortenResult(status, text)
    const verdict = gate?.status === 'completed' ? await resultOf(gate) : undefined
    return isEdit(verdict) ? { result, edited: verdict.modified_content } : { result }
  }

  async function outcomeOf(part: StepPart, gate: StepPart | undefined): Promise<WholeOutcome> {
    if (part.status === 'completed')
      return { status: 'succeeded', text: asText(plainResult(await wholeResultOf(part))) }
    if (part.status === 'failed') return failure(part.problem)
    const verdict = gate && hasEnded(gate) ? await resultOf(gate) : undefined
    if (isRejection(verdict)) return { status: 'rejected', text: rejectionText(verdict.rejection_reason) }
    if (gate?.status === 'failed') return failure(gate.problem)
    return { status: 'cancelled', text: part.status === 'running' ? CUT_OFF : 'the call was not made' }
  }

  /** The result of a step with all of the fields that it has only in part. */
  async function wholeResultOf(part: StepPart & CompletedOutcome): Promise<Json> {
    const { whole = [] } = part
    const result = await resultOf(part)
    if (whole.length === 0 || !isJsonObject(result)) return result
    const fields = whole.map(async ({ field, blob }) => [field, await values.get(blob)] as const)
    return { ...result, ...Object.fromEntries(await Promise.all(fields)) }
  }

  async function resultOf(part: StepPart): Promise<Json> {
    return (await valueOfStep(toStepRead(part), values)).result
  }
}

/** How a call ended: all of its result as JSON or text, or the reason why there is none. */
type WholeOutcome = { readonly status: CallStatus; readonly text: string }

/** A result of a server without empty fields: its text alone, or its structured content if its text only repeats that. */
export function plainResult(result: Json): Json {
  if (!isJsonObject(result) || Object.keys(result).sort().join() !== 'content,data,text') return result
  const { text, data = null, content } = result
  if (typeof text !== 'string' || !Array.isArray(content) || content.length > 0) return result
  if (data === null) return text === '' ? result : text
  return text === '' || repeats(text, data) ? data : result
}

function repeats(text: string, data: Json): boolean {
  try {
    return isDeepStrictEqual(parseExact(text), data)
  } catch {
    return false
  }
}

const CUT_OFF = 'the call was cancelled while it was made; what it had done by then is not known'

const isCall = (step: string) => /^call_\d+$/.test(step)

function failure({ code, message, hint }: Problem): WholeOutcome {
  const status = ownValue(STATUS_OF, code) ?? 'failed'
  return { status, text: hint === undefined ? `${code}: ${message}` : `${code}: ${message} (${hint})` }
}

const STATUS_OF: { readonly [code: string]: CallStatus } = {
  unknown: 'unknown',
  precondition_failed: 'rejected',
}

/** A verdict of a person who changed the call. */
type Edit = { readonly action: 'modify'; readonly modified_content: JsonObject }

function isEdit(verdict: Json | undefined): verdict is Edit {
  return isJsonObject(verdict) && verdict.action === 'modify' && isJsonObject(verdict.modified_content)
}

type Rejection = { readonly approved: false; readonly rejection_reason?: Json }

function isRejection(verdict: Json | undefined): verdict is Rejection {
  return typeof verdict === 'object' && verdict !== null && 'approved' in verdict && verdict.approved === false
}

function rejectionText(reason: Json | undefined): string {
  return typeof reason === 'string' && reason !== ''
    ? `a person rejected the call: ${reason}`
    : 'a person rejected the call'
}

/** ms that the longest approval took. */
function waitedIn(steps: ReadonlyMap<string, StepPart>): number {
  const gates = [...steps].filter(([name]) => name.startsWith('approve_')).map(([, part]) => part)
  return Math.max(0, ...gates.map((gate) => (hasEnded(gate) ? gate.ms : 0)))
}
