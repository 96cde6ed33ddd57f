import { problemOf } from '../../../errors.ts'
import type { FailedAttempt, SentMark } from '../../../kernel/faults.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, EffectOptions, Effects } from '../../../kernel/types.ts'
import { mayAsk } from '../../../step/approval/may-ask.ts'
import type { PendingCallback } from '../../../step/attempt/outcome.ts'
import { PendingDecision, type RecoveryProgress } from '../../../step/attempt/pending-decision.ts'
import { triesBefore } from '../../../step/attempt/tries.ts'
import type { FailedEnd, OpenWork, StepAttempt } from '../../../step/attempt/work.ts'
import { callOfHandler } from '../../../step/messages/call-decision.ts'
import type { StandbyEnd, StepEnd } from '../../../step/messages/step-end.ts'
import { type ModelUse, mergeModelUses, withFailedCalls } from '../../../step/record/model-use.ts'
import type { CompletedOutcome, FailedOutcome, StepOutcome } from '../../../step/record/outcome.ts'
import { toFailedHandler, withFailedHandlers } from '../../../step/record/outcome.ts'
import type { FailedHandler, StepRecovery } from '../../../step/record/step.ts'
import { isUnknown } from '../../../step/suspend/unknown-outcome.ts'
import { BAD_RESULT } from '../../../tool/bad-result.ts'
import { isPartInDoubt } from '../../../tool/once/call-parts.ts'
import { mustPropagate } from '../../../work/suspension.ts'
import { type CompiledPipeline, compiledStepAt, type Recovery } from '../../plan/compiled.ts'
import { instanceId, instanceOf, instanceOfNode, stepOf } from '../../plan/instance.ts'
import type { PipelineStepStart } from '../../plan/messages/step-order.ts'
import type { OpenPipeline, PipelineAttempt } from '../attempt.ts'
import type { PipelineServices } from '../context.ts'
import { execute } from '../execute.ts'
import { toolNamedBy } from '../work-facts.ts'
import { describeCall } from './described-call.ts'
import { settledOutcome, underItsKey, unlessDoubtful } from './doubtful-call.ts'
import { fallbackValueEnd, gateOfHandler, type HandlerResult, positionOfHandler, runHandler } from './handler.ts'

/** The services for recovering a failed step. */
export type RecoveryServices = {
  readonly services: PipelineServices
  readonly open: OpenPipeline
  readonly work: OpenWork
  readonly start: PipelineStepStart
}

/**
 * The end of a failed step after recovery: that of the first handler or
 * fallback that applies and succeeds. Each is an effect of the turn.
 * @throws PendingDecision when a person must approve the call of a handler first, or say whether it took place
 */
export async function recover(
  recovery: RecoveryServices,
  failed: FailedEnd,
  effects: Effects,
  before: RecoveryProgress = { failed, from: 0, standby: [], vain: [] },
): Promise<StepEnd> {
  const pipeline = await recovery.open()
  const { recoveries = [] } = stepOf(pipeline, recovery.start.step).recovery ?? {}
  const standby: StandbyEnd[] = [...before.standby]
  const vain: FailedHandler[] = [...before.vain]
  const closed = (end: StepEnd): StepEnd => ({
    ...end,
    ...(standby.length > 0 && { standby }),
    ...(vain.length > 0 && { recovery: withFailedHandlers(end.recovery ?? {}, vain) }),
  })
  for (const [index, each] of recoveries.entries()) {
    if (index < before.from) continue
    const asked = { ...recovery, pipeline, rescue: each, index, failed, standby, vain }
    const end = await tryHandler(
      index === before.from && before.call ? { ...asked, again: before.call } : asked,
      effects,
    )
    if (end) return closed(end)
  }
  return closed(failed)
}

/** One handler or fallback. `standby`: ends of standby steps so far; `vain`: handlers that failed themselves. */
type RecoveryAttempt = RecoveryServices & {
  readonly pipeline: CompiledPipeline
  readonly rescue: Recovery
  readonly index: number
  readonly failed: FailedEnd
  readonly standby: StandbyEnd[]
  readonly vain: FailedHandler[]
  /** a call of it whose outcome was unknown */
  readonly again?: NonNullable<RecoveryProgress['call']>
}

/** Undefined: the handler did not apply, or did not succeed. */
async function tryHandler(asked: RecoveryAttempt, effects: Effects): Promise<StepEnd | undefined> {
  if (mayAsk({ tool: toolNamedBy(actingStep(asked)?.work, asked.services) }, asked.start.run))
    await requireApproval(asked, effects)
  // its own call succeeded before the step was tried again
  const isCalled = asked.again !== undefined && asked.again.round > 0
  const { fits, ended, said }: HandlerResult = isCalled ? { fits: true } : await callHandler(asked, effects)
  if (!fits) return undefined
  const { failed } = asked
  const rescue = said === undefined ? asked.rescue : { ...asked.rescue, by: said }
  const attempt = { ...asked, rescue }
  recordStandby(attempt, ended)
  if (ended?.status === 'failed') asked.vain.push(toFailedHandler(rescue.by, ended.problem))
  const worked = ended === undefined || ended.status === 'completed'
  if (rescue.type === 'fallback') return ended?.status === 'completed' ? replacedEnd(failed, ended, rescue) : undefined
  if (!worked && !rescue.goesOn) return undefined
  // a call that was made is not made again, whatever its result was
  const mayRepeat = worked && failed.problem.code !== BAD_RESULT
  const tried = mayRepeat ? await retryStep(attempt, effects) : failed
  if (tried.status !== 'failed') return tried
  if (rescue.value) return useFallbackValue({ ...attempt, failed: tried }, effects)
  return rescue.propagates ? tried : { ...tried, recovery: handledMark(rescue) }
}

/** @throws PendingDecision when the handler would make a call about which a person has to decide */
async function requireApproval(attempt: RecoveryAttempt, effects: Effects): Promise<void> {
  const { rescue, failed, index, start } = attempt
  const call = callOfHandler(index)
  if (start.decisions?.[call]) return
  const look = async (effect: EffectCall) =>
    ((await gateOfHandler({ attempt: attemptOf(attempt, effect, effects), failed, rescue, call })) ?? null) as Json
  const gate = (await effects.run<Json>(`${call}:gate`, look)) as PendingCallback | null
  if (gate) throw new PendingDecision(gate, progressOf(attempt))
}

const progressOf = ({ failed, index, standby, vain, again }: RecoveryAttempt): RecoveryProgress => ({
  failed,
  from: index,
  standby,
  vain,
  ...(again && { call: again }),
})

const handledMark = ({ by, level }: Recovery): StepRecovery => ({
  handled: by.slice(0, 500),
  ...(level !== undefined && { level }),
})

/** The end of the step with the result of its substitute. The reason for it is kept. */
function replacedEnd(failed: FailedEnd, { result, models: asked }: CompletedOutcome, rescue: Recovery): StepEnd {
  // a standby step records its own usage
  const models = mergeModelUses(failed.models, rescue.node === undefined ? asked : [])
  return {
    ...failed,
    status: 'completed',
    result,
    degraded: true,
    recovery: handledMark(rescue),
    ...(models.length > 0 && { models }),
  }
}

function recordStandby({ pipeline, start, rescue, standby }: RecoveryAttempt, ended: StepOutcome | undefined): void {
  if (rescue.node === undefined || !ended) return
  const step = instanceId(instanceOfNode(instanceOf(pipeline, start.step), rescue.node))
  standby.push({ type: 'step-end', step, ...ended })
}

/** The step that a handler runs; undefined: none, or the failed one with another model. */
const actingStep = ({ pipeline, rescue }: Pick<RecoveryAttempt, 'pipeline' | 'rescue'>) =>
  rescue.node === undefined ? rescue.action : compiledStepAt(pipeline, rescue.node)

async function callHandler(attempt: RecoveryAttempt, effects: Effects): Promise<HandlerResult> {
  const { rescue, failed, index, start, services } = attempt
  const acting = actingStep(attempt)
  const isSame = rescue.model !== undefined
  const effect = isSame ? start.policy.effect : (acting?.policy.effect ?? 'pure')
  // an action of a handler has no attempts of its own
  const counted = isSame ? countsKills(start) : rescue.node !== undefined && acting?.policy.retryReported === true
  const [progress, name] = [progressOf(attempt), `rescue:${index}`]
  const settled = settledOutcome(progress, 0)
  const spent: ModelUse[] = []
  const calling = (call: EffectCall) => ({
    failed,
    rescue,
    call: callOfHandler(index),
    attempt: { ...attemptOf(attempt, call, effects, progress), spent },
  })
  const asked = async (call: EffectCall) => {
    const { ended, ...given } = await runHandler({ ...calling(call), ...(settled && { settled }) })
    return ended ? { ...given, ended: withFailedCalls(ended, spent) } : given
  }
  const sent: SentMark = {}
  const options = settled ? SETTLED : { effect, counted, begins: true, sent }
  const result = await runEffect<HandlerResult>(effects, name, options, asked as Act<HandlerResult>, (ended) => ({
    fits: true,
    ended,
  }))
  if (result.ended?.status !== 'failed') return result
  if (effect !== 'at-most-once' && !isPartInDoubt(result.ended.problem)) return result
  const open = (call: EffectCall) => positionOfHandler(calling(call))
  const describe = async (asked: StepAttempt) => {
    const given = { ...asked, services, start, open: attempt.open }
    return describeCall(given, acting!, { name: (tool) => `${tool}, which a handler of ${start.step} called,`, open })
  }
  const call = { ...attempt, progress, round: 0, effect: name, sent, ...(acting && { describe }) }
  return { ...result, ended: await unlessDoubtful(call, result.ended, effects) }
}

/** Only the outcome that a person gave is read. */
const SETTLED = { effect: 'pure', counted: false } as const

/** Tries the step again, as often as the handler says. */
async function retryStep(attempt: RecoveryAttempt, effects: Effects): Promise<StepEnd> {
  const { rescue, index, start } = attempt
  const progress = progressOf(attempt)
  let ended: StepEnd = attempt.failed
  for (let round = progress.call?.round || 1; round <= rescue.rounds && ended.status === 'failed'; round++) {
    const name = `rescue:${index}:again:${round}`
    const act = (call: EffectCall) => execute(attemptOf(attempt, call, effects, progress, round))
    const again: FailedAttempt[] = []
    const sent: SentMark = {}
    const options = { effect: start.policy.effect, counted: countsKills(start), begins: true, failed: again, sent }
    const made =
      settledOutcome(progress, round) ??
      (await runEffect<StepOutcome>(effects, name, options, act as Act<StepOutcome>, (failed) => failed))
    const isDoubtful = made.status === 'failed' && isUnknown(start, made.problem)
    const outcome = isDoubtful
      ? await unlessDoubtful({ ...attempt, progress, round, effect: name, sent }, made, effects)
      : made
    const { type, step, key }: FailedEnd = ended
    const attempts: number = ended.attempts + outcome.attempts
    const models = mergeModelUses(ended.models, outcome.models)
    const tries = triesBefore(ended, again)
    ended = {
      ...outcome,
      ...(models.length > 0 && { models }),
      type,
      step,
      ...(key !== undefined && { key }),
      attempts,
      tries,
    }
    if (outcome.status === 'completed') return { ...ended, recovery: handledMark(rescue) }
  }
  return ended
}

async function useFallbackValue(attempt: RecoveryAttempt, effects: Effects): Promise<StepEnd> {
  const { rescue, failed, index, vain } = attempt
  const asked = (call: EffectCall) => fallbackValueEnd({ attempt: attemptOf(attempt, call, effects), failed, rescue })
  const [name, options] = [`rescue:${index}:value`, { effect: 'idempotent' } as const]
  const ended = await runEffect<StepOutcome>(effects, name, options, asked as Act<StepOutcome>, (failed) => failed)
  if (ended.status === 'failed') vain.push(toFailedHandler('fallback_value', ended.problem))
  return ended.status === 'completed' ? replacedEnd(failed, ended, rescue) : failed
}

const countsKills = ({ policy }: PipelineStepStart) => policy.retryReported === true

function attemptOf(
  { services, open, start }: RecoveryServices,
  call: EffectCall,
  { self, emit }: Effects,
  progress?: RecoveryProgress,
  round = 0,
): PipelineAttempt {
  return { services, open, start, call: progress ? underItsKey(call, progress, round) : call, self, emit }
}

type Act<T> = (call: EffectCall) => Promise<T & Json>

async function runEffect<T>(
  effects: Effects,
  name: string,
  options: EffectOptions,
  act: Act<T>,
  failed: (outcome: FailedOutcome) => T,
): Promise<T> {
  try {
    return (await effects.run<Json>(name, act, options)) as T
  } catch (error) {
    if (mustPropagate(error)) throw error
    return failed({ status: 'failed', attempts: 1, ms: 0, problem: problemOf(error) })
  }
}
