import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectCall, Effects } from '../../kernel/types.ts'
import { clip } from '../../lib/clip.ts'
import { present } from '../../lib/json/present.ts'
import { isPartInDoubt } from '../../tool/once/call-parts.ts'
import { isCodeWait } from '../../work/code-wait.ts'
import type { PendingCallback } from '../attempt/outcome.ts'
import type { DescribedCall, OpenedStep, StepAttempt } from '../attempt/work.ts'
import { callSignal } from '../messages/call-decision.ts'
import type { CallbackRequest } from '../messages/callback.ts'
import type { CallFacts } from '../messages/inbox-prompt.ts'
import { SETTLEMENTS } from '../messages/settlement.ts'
import type { StepStart } from '../messages/step-start.ts'
import { storeRef, type ValueRef } from '../values.ts'
import { lookUpOf } from './find-call.ts'

export const UNKNOWN_OUTCOME = 'unknown-outcome'

/** A call that may have taken place. */
type DoubtfulCall = {
  readonly problem: Problem
  /** the idempotency key of the call, and the attempts at it so far */
  readonly key: string
  readonly attempts: number
  /** when the last of them began: ms since the epoch; undefined: not known */
  readonly sentAt: number | undefined
  /** the effect that made the call, and the one that asks */
  readonly effect: string
  readonly asks: string
  /** what is known of the call of a handler; absent: the step itself made it */
  describe?(attempt: StepAttempt): Promise<DescribedCall>
}

/** The failure of a call with an unknown outcome, which names the tool, and the question if a person is asked. */
export type UnknownOutcome = { readonly problem: Problem; readonly question?: PendingCallback }

/** Whether an at-most-once call of the step, or such a part of its call, may have taken place. */
export function isUnknown({ policy }: StepStart, problem: Problem): boolean {
  return (problem.code === 'unknown' && policy.effect === 'at-most-once') || isPartInDoubt(problem)
}

/**
 * Makes the question to a person whether a call took place. Asks nobody if the work above decides (`failsOnUnknown`),
 * or if a handler of the step names exactly this failure.
 */
export async function askWhetherDone(
  { services, start, work }: OpenedStep,
  { problem, key, attempts, sentAt, effect, asks, describe }: DoubtfulCall,
  { run, self, emit }: Effects,
): Promise<UnknownOutcome> {
  const look = async (call: EffectCall) => {
    const attempt = { services, start, call, self, emit }
    const { name, tool: called, isHandled, ...described } = await (describe ?? work.describeCall)(attempt)
    const isCutOff = problem.message.startsWith(`${effect} `)
    const shown = isCutOff ? { ...problem, message: name + problem.message.slice(effect.length) } : problem
    const fails = start.run.failsOnUnknown || isHandled
    const looks = await isLookedUp(work, attempt, { tool: called, isOwn: describe === undefined })
    if (fails && !looks) return { problem: shown }
    const parameters = await described.parameters()
    const title = `Did ${name} take place? ${isCutOff ? 'It was interrupted.' : shown.message}`
    const lastWords = isCutOff ? undefined : clip(shown.message, MAX_WORDS)
    const question = {
      type: 'ask',
      asking: UNKNOWN_OUTCOME,
      ...(called !== undefined && { tool: called }),
      key,
      attempts,
      ...(looks && { looks: { count: 0, failures: 0, ...(fails && { fails: true as const }) } }),
      question: requestOf({ title, sentAt, lastWords }, start, parameters, shown),
      parameters: parameters ?? (await storeRef(services.values, {})),
    } as const
    return { problem: shown, question }
  }
  return (await run<Json>(asks, look as (call: EffectCall) => Promise<Json>)) as unknown as UnknownOutcome
}

/** Whether something looks the call up, or may: code that is not here. */
async function isLookedUp(...of: Parameters<typeof lookUpOf>): Promise<boolean> {
  try {
    return (await lookUpOf(...of)) !== undefined
  } catch (error) {
    if (isCodeWait(error)) return true
    throw error
  }
}

function requestOf(
  { title, ...known }: { readonly title: string } & { [Field in keyof CallFacts]: CallFacts[Field] | undefined },
  { step }: StepStart,
  content: ValueRef | undefined,
  problem: Problem,
): CallbackRequest {
  const body = {
    kind: 'unknown',
    title: title.slice(0, MAX_TITLE_CHARS),
    ...present(known),
    ...(content && { content }),
    expects: { type: 'settlement', choices: SETTLEMENTS },
  }
  return { to: { signal: callSignal(step) }, body: body as Json, memo: problem as Json }
}

const MAX_TITLE_CHARS = 1000
/** Characters of the words with which a service ended a call. */
const MAX_WORDS = 500
