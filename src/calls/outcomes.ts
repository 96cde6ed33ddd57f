import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../errors.ts'
import type { GivenAnswer } from '../house/by.ts'
import { asText, isJsonObject, type Json, type JsonObject, tryParseExact } from '../kernel/json.ts'
import { fileIdsIn } from '../lib/media/file-ref.ts'
import { ownValue } from '../lib/own.ts'
import { unmadeIn } from '../run/actor/waits.ts'
import { type RunStore, readStepValue } from '../step/call/step-value.ts'
import { isRejected, WITHDRAWN } from '../step/messages/call-decision.ts'
import { isCallId } from '../step/messages/call-names.ts'
import { collectStepParts, readStepPart } from '../step/messages/step-parts.ts'
import type { CompletedOutcome, EndedStep, StepPart, StepValue } from '../step/record/outcome.ts'
import { hasEnded } from '../step/record/outcome.ts'
import { readRef } from '../step/values.ts'
import { BAD_RESULT } from '../tool/bad-result.ts'

/**
 * How a call of a run ended: all of its result as JSON or text, or the reason why there is none. `made`: its result
 * does not fit. `rejected`: a person said no, or its environment has changed. `edited`: the parameters that a person
 * gave it. `said`: the answers of people, and their callers.
 */
export type CallEnd = {
  readonly status: 'succeeded' | 'made' | 'failed' | 'rejected' | 'unknown' | 'cancelled'
  readonly text: string
  /** the files that its result names by references, also if it failed */
  readonly fileIds?: readonly string[]
  readonly edited?: JsonObject
  readonly said?: readonly GivenAnswer[]
  /** it had begun when its run was cancelled: its effect is unknown */
  readonly isCutOff?: true
  /** it has not ended: its run goes on, or was cancelled. `waiting`: it waits for a person before it is made */
  readonly open?: 'waiting' | 'begun'
}

/** How the calls of a run ended, by their steps, and the ms that the longest approval took. */
export async function outcomesOf(
  store: RunStore,
  run: string,
): Promise<{ readonly calls: { readonly [step: string]: CallEnd }; readonly waited: number }> {
  const steps = await collectStepParts(store.readParts, run)
  const unmade = await unmadeIn(store.readParts, run, steps)
  const calls: { [step: string]: CallEnd } = {}
  for (const [name, part] of steps)
    if (isCallId(name)) calls[name] = unmade.has(name) ? UNMADE : await endOf(part, store)
  return { calls, waited: Math.max(0, ...[...steps.values()].map(waitedAt)) }
}

const NOT_MADE = { status: 'cancelled', text: 'the call was not made' } as const
const UNMADE = { ...NOT_MADE, open: 'waiting' } as const

/** The ms that a person took to decide about a call. */
function waitedAt(part: StepPart): number {
  if (!hasEnded(part)) return 0
  return isRejected(part) ? part.ms : (part.decided?.ms ?? 0)
}

/** All of the result of a call as text, or the reason why there is none; empty when the run has no such step. */
export async function resultOf(store: RunStore, run: string, step: string): Promise<string> {
  const part = await readStepPart(store.readParts, run, step)
  return part ? (await endOf(part, store)).text : ''
}

/** The value of a call; undefined when its run is gone. */
export async function readCall(
  { readParts, values }: RunStore,
  run: string,
  step: string,
): Promise<StepValue | undefined> {
  const part = await readStepPart(readParts, run, step)
  return part && readStepValue(part, values)
}

async function endOf(part: StepPart, store: RunStore): Promise<CallEnd> {
  if (!hasEnded(part)) return unended(part)
  const edited = part.decided?.edited && ((await readRef(store.values, part.decided.edited)) as JsonObject)
  return { ...(await ended(part, store)), ...(edited && { edited }), ...(part.said && { said: part.said }) }
}

const unended = ({ status }: StepPart): CallEnd =>
  status === 'running' ? { status: 'cancelled', text: CUT_OFF, isCutOff: true, open: 'begun' } : UNMADE

async function ended(part: EndedStep, store: RunStore): Promise<CallEnd> {
  if (part.status === 'completed') {
    const result = plainResult(await wholeResult(part, store))
    return { status: 'succeeded', text: asText(result), ...namedFiles(result) }
  }
  if (part.status === 'failed') {
    const { result = null } = part.result ? ((await readRef(store.values, part.result)) as StepValue) : {}
    return { ...failure(part.problem), ...namedFiles(result) }
  }
  return isRejected(part) ? rejection(part.comment) : NOT_MADE
}

function namedFiles(result: Json): Pick<CallEnd, 'fileIds'> {
  const fileIds = fileIdsIn(typeof result === 'string' ? tryParseExact(result) : result)
  return fileIds.length > 0 ? { fileIds } : {}
}

/** The result of a step with all of the fields that it has only in part. */
async function wholeResult(part: StepPart & CompletedOutcome, { values }: RunStore): Promise<Json> {
  const { whole = [] } = part
  const { result } = (await readRef(values, part.result)) as StepValue
  if (whole.length === 0 || !isJsonObject(result)) return result
  const fields = whole.map(async ({ field, blob }) => [field, await values.get(blob)] as const)
  return { ...result, ...Object.fromEntries(await Promise.all(fields)) }
}

/** A server's result without empty fields: its text alone, or its structured content if its text only repeats that. */
export function plainResult(result: Json): Json {
  if (!isJsonObject(result) || Object.keys(result).sort().join() !== 'content,data,text') return result
  const { text, data = null, content } = result
  if (typeof text !== 'string' || !Array.isArray(content) || content.length > 0) return result
  if (data === null) return text === '' ? result : text
  return text === '' || isDeepStrictEqual(tryParseExact(text), data) ? data : result
}

const CUT_OFF = 'the call was interrupted while it was made; what it did is not known'

function failure({ code, message, hint }: Problem): CallEnd {
  // how to write a tool is of no use to a model
  if (code === BAD_RESULT) return { status: 'made', text: message }
  const status = ownValue(STATUS_OF, code) ?? 'failed'
  return { status, text: hint === undefined ? `${code}: ${message}` : `${code}: ${message} (${hint})` }
}

const STATUS_OF: { readonly [code: string]: CallEnd['status'] } = {
  unknown: 'unknown',
  precondition_failed: 'rejected',
}

/** A call that was withdrawn because it cannot be made any more was not rejected: its model may call again. */
function rejection(reason = ''): CallEnd {
  if (reason.startsWith(WITHDRAWN)) return { status: 'failed', text: reason }
  const text = 'a person rejected the call'
  return { status: 'rejected', text: reason === '' ? text : `${text}: ${reason}` }
}
