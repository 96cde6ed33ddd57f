import { endsTurn } from '../../../budget/waiting.ts'
import { problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, EffectClass, Effects } from '../../../kernel/types.ts'
import { type CompiledPipeline, compiledStepAt, type Recovery } from '../../plan/compiled.ts'
import { instanceId, instanceOfNode, parseInstance } from '../../plan/instance.ts'
import type { StepEnd, StepOutcome } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { type ModelUse, mergeModelUses, withFailedCalls } from '../../plan/model-use.ts'
import { type FailedHandler, toFailedHandler, withFailedHandlers } from '../../plan/step-outcome.ts'
import type { OpenPipeline, Trial } from '../attempt.ts'
import type { PipelineServices } from '../context.ts'
import { execute } from '../execute.ts'
import { type Help, help, standIn } from './handler.ts'

/** What a step that failed is done with. */
export type Aid = { readonly services: PipelineServices; readonly open: OpenPipeline; readonly start: StepStart }

/** How a step ends that failed for good: as the first of its rescues that is for that and works says; each is an effect of its turn. */
export async function rescue(aid: Aid, failed: StepEnd, effects: Effects): Promise<StepEnd> {
  if (failed.status !== 'failed') return failed
  const pipeline = await aid.open()
  const { rescues = [] } = compiledStepAt(pipeline, parseInstance(pipeline, aid.start.step)!.node)
  const others: StepEnd[] = []
  const vain: FailedHandler[] = []
  const closed = (end: StepEnd): StepEnd => withFailedHandlers(others.length === 0 ? end : { ...end, others }, vain)
  for (const [index, each] of rescues.entries()) {
    const end = await tryOne({ ...aid, pipeline, rescue: each, index, failed, others, vain }, effects)
    if (end) return closed(end)
  }
  return closed(failed)
}

/** One rescue; `others`: ends of steps on standby so far, `vain`: those that failed themselves. */
type Attempt = Aid & {
  readonly pipeline: CompiledPipeline
  readonly rescue: Recovery
  readonly index: number
  readonly failed: StepEnd
  readonly others: StepEnd[]
  readonly vain: FailedHandler[]
}

/** Undefined: it was not for this failure, or did not work. */
async function tryOne(asked: Attempt, effects: Effects): Promise<StepEnd | undefined> {
  const { fits, ended, said } = await callHelp(asked, effects)
  if (!fits) return undefined
  const { failed } = asked
  const rescue = said === undefined ? asked.rescue : { ...asked.rescue, by: said }
  const attempt = { ...asked, rescue }
  note(attempt, ended)
  if (ended?.problem) asked.vain.push(toFailedHandler(rescue.by, ended.problem))
  const worked = ended === undefined || ended.status === 'completed'
  if (rescue.type === 'fallback') return worked && ended ? replaced(failed, ended, rescue) : undefined
  if (!worked && !rescue.goesOn) return undefined
  const tried = worked ? await tryAgain(attempt, effects) : failed
  if (tried.status === 'completed') return tried
  if (rescue.value) return useValue({ ...attempt, failed: tried }, effects)
  return rescue.propagates ? tried : { ...tried, ...markOf(rescue) }
}

const markOf = ({ by, level }: Recovery) => ({ handled: by.slice(0, 500), ...(level !== undefined && { level }) })

/** What stood in for it; why it had to is kept. */
function replaced({ problem, ...failed }: StepEnd, ended: StepOutcome, rescue: Recovery): StepEnd {
  const { result } = ended
  // what a step on standby took stands with that one
  const models = mergeModelUses(failed.models, rescue.node === undefined ? ended.models : [])
  return {
    ...{ ...failed, status: 'completed', degraded: true, ...markOf(rescue) },
    ...(result && { result }),
    ...(problem && { problem }),
    ...(models.length > 0 && { models }),
  }
}

function note({ pipeline, start, rescue, others }: Attempt, ended: StepOutcome | undefined): void {
  if (rescue.node === undefined || !ended) return
  const step = instanceId(instanceOfNode(parseInstance(pipeline, start.step)!, rescue.node))
  others.push({ type: 'step-end', step, ...ended })
}

function callHelp(attempt: Attempt, effects: Effects): Promise<Help> {
  const { pipeline, rescue, failed, index, start } = attempt
  const acting = rescue.node === undefined ? rescue.action : compiledStepAt(pipeline, rescue.node)
  const effect = rescue.model === undefined ? (acting?.effect ?? 'pure') : start.effect
  const spent: ModelUse[] = []
  const asked = async (call: EffectCall) => {
    const { ended, ...given } = await help({ trial: { ...trialOf(attempt, call, effects), spent }, failed, rescue })
    return ended ? { ...given, ended: withFailedCalls(ended, spent) } : given
  }
  return within(effects, `rescue:${index}`, effect, asked as Act<Help>, (problem) => ({
    fits: true,
    ended: { status: 'failed', attempts: 1, ms: 0, problem },
  }))
}

/** The step once more, as often as the handler says. */
async function tryAgain(attempt: Attempt, effects: Effects): Promise<StepEnd> {
  const { rescue, index, start } = attempt
  let { failed } = attempt
  for (let round = 1; round <= rescue.rounds && failed.status === 'failed'; round++) {
    const name = `rescue:${index}:again:${round}`
    const act = (call: EffectCall) => execute(trialOf(attempt, call, effects))
    const outcome = await within(effects, name, start.effect, act as Act<StepOutcome>, (problem) => ({
      ...{ status: 'failed' as const, attempts: 1, ms: 0, problem },
    }))
    const { type, step, key } = failed
    const attempts = failed.attempts + outcome.attempts
    const models = mergeModelUses(failed.models, outcome.models)
    failed = {
      ...outcome,
      ...(models.length > 0 && { models }),
      type,
      step,
      ...(key !== undefined && { key }),
      attempts,
    }
    if (outcome.status === 'completed') return { ...failed, ...markOf(rescue) }
  }
  return failed
}

async function useValue(attempt: Attempt, effects: Effects): Promise<StepEnd> {
  const { rescue, failed, index, vain } = attempt
  const asked = (call: EffectCall) => standIn({ trial: trialOf(attempt, call, effects), failed, rescue })
  const ended = await within(effects, `rescue:${index}:value`, 'idempotent', asked as Act<StepOutcome>, (problem) => ({
    ...{ status: 'failed' as const, attempts: 1, ms: 0, problem },
  }))
  if (ended.problem) vain.push(toFailedHandler('fallback_value', ended.problem))
  return ended.status === 'completed' ? replaced(failed, ended, rescue) : failed
}

function trialOf({ services, open, start }: Aid, call: EffectCall, { self, emit }: Effects): Trial {
  return { services, open, start, call, self, emit }
}

type Act<T> = (call: EffectCall) => Promise<T & Json>

async function within<T>(
  effects: Effects,
  name: string,
  effect: EffectClass,
  act: Act<T>,
  failed: (problem: ReturnType<typeof problemOf>) => T,
): Promise<T> {
  try {
    return (await effects.run<Json>(name, act, { effect })) as T
  } catch (error) {
    if (endsTurn(error)) throw error
    return failed(problemOf(error))
  }
}

/** The pipeline that a step belongs to, opened once for all who ask, unless that failed. */
export function opener(services: PipelineServices, { pipeline: hash }: StepStart): OpenPipeline {
  let opened: ReturnType<OpenPipeline> | undefined
  const load = async () => {
    try {
      const pipeline = (await services.values.get(hash)) as unknown as CompiledPipeline
      opened = pipeline
      return pipeline
    } catch (error) {
      opened = undefined
      throw error
    }
  }
  return () => {
    opened ??= load()
    return opened
  }
}
