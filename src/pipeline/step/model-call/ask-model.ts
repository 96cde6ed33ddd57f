import { mustPropagate } from '../../../budget/waiting.ts'
import { is, isBusy, problemOf, TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ActorRef, EffectCall } from '../../../kernel/types.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import { remedyOf } from '../../../model/call/failure-kinds.ts'
import type { ModelNeeds } from '../../../model/choose/model-facts.ts'
import { failedUsageOf, withFailedUsage } from '../../../model/cost/usage.ts'
import { generateInPool, type PoolGenerateOptions } from '../../../model/pool/generate-in-pool.ts'
import type { CallPayer, ModelReply, ModelRequest } from '../../../model/request/request.ts'
import type { Scope } from '../../../template/template.ts'
import { WORKERS_UNHEALTHY } from '../../../worker/worker.ts'
import type { CompiledPipeline, CompiledStep } from '../../plan/compiled.ts'
import { fairnessKey, type StepStart } from '../../plan/messages/step-start.ts'
import type { ModelUse } from '../../plan/model-use.ts'
import type { PipelineServices, StepContext } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { withTimeout } from '../timeout.ts'

/** A model to ask; without an id the default one. */
export type Candidate = { readonly id?: string; readonly why: string; readonly lacks?: readonly string[] }

/** Who asks: the pipeline and step for the defaults, and what a call needs. */
type Asker = {
  readonly services: PipelineServices
  readonly pipeline: CompiledPipeline
  readonly step: CompiledStep
  readonly reasons: { readonly [model: string]: string }
  readonly call: EffectCall
  readonly self: ActorRef
  readonly start: StepStart
  /** what its tags may name */
  readonly scope: Scope
  onDelta?(text: string, at: number): void
  /** where calls are noted that came to nothing and yet took something */
  readonly spent?: ModelUse[]
}

/** What decides whom a step asks. */
type Wishes = Pick<Asker, 'pipeline' | 'step'> &
  Partial<Pick<Asker, 'reasons'>> & {
    readonly services: {
      readonly models: Pick<PipelineServices['models'], 'choose' | 'fallback'>
      readonly pool?: Pick<PipelineServices['pool'], 'models'>
    }
  }

/** The pool in which steps do their work. */
const STEP_POOL = 'text_step_pool'
const STANDARD: Candidate = { why: 'the default model' }

/**
 * Whom to ask, in order: those named, else who meets what the step needs, else what the pipeline says, else the default one. Behind one
 * that nobody named are those who may stand in.
 */
export function candidatesFor(
  { services, pipeline, step, reasons = {} }: Wishes,
  named: readonly string[],
): readonly Candidate[] {
  if (named.length > 0) return named.map((id) => ({ id, why: reasons[id] ?? 'named by the step' }))
  if (step.modelNeeds) return chosen(services.models, step.modelNeeds)
  const { names = [], needs } = pipeline.model ?? {}
  if (needs) return chosen(services.models, needs)
  if (names.length > 0) return names.map((id) => ({ id, why: 'named by the pipeline' }))
  const { models = [] } = services.pool ?? {}
  return models.length > 0
    ? models.map((id) => ({ id, why: `what ${STEP_POOL} asks` }))
    : [STANDARD, ...standIns(services.models)]
}

/** Who is chosen by need, and who may stand in for that one. */
export function chosen(models: Wishes['services']['models'], needs: ModelNeeds): readonly Candidate[] {
  const first = models.choose(needs)
  return [first, ...standIns(models, needs).filter(({ id }) => id !== first.id)]
}

function standIns(models: Wishes['services']['models'], needs?: ModelNeeds): readonly Candidate[] {
  return (models.fallback?.(needs) ?? []).map((id) => ({ id, why: 'it may stand in, as the configuration says' }))
}

/** Asks them one after another, each in the pool, until one answers; the last of them is told less where all of it is too long. Rejects with the failure most worth another attempt when none does. */
export async function askModel(
  asker: Asker,
  purpose: string,
  candidates: readonly Candidate[],
  request: ModelRequest,
): Promise<{ readonly reply: ModelReply; readonly use: ModelUse }> {
  const { services, call, spent } = asker
  const time = createTime(asker.step.timeout, services.elapsed)
  const failed: Failed[] = []
  for (const [place, candidate] of candidates.entries()) {
    try {
      const isLast = place === candidates.length - 1
      const at = { time, payer: payerOf(asker, place), isFallback: failed.length > 0, isLast }
      const reply = await ask(asker, candidate, request, at)
      return { reply, use: useOf(purpose, candidate, reply, failed) }
    } catch (error) {
      if (call.signal.aborted || mustPropagate(error) || time.isOver() || isFull(error)) throw error
      spent?.push(...failedUse(purpose, candidate, error))
      if (remedyOf(problemOf(error).code) === 'fail') throw error
      failed.push({ model: candidate.id ?? 'the default model', error })
    }
  }
  throw worstOf(failed.map(({ error }) => error))
}

type Failed = { readonly model: string; readonly error: unknown }
type Place = { readonly time: Time; readonly payer: CallPayer; readonly isFallback: boolean; readonly isLast: boolean }

async function ask(asker: Asker, { id }: Candidate, request: ModelRequest, { time, payer, isFallback, isLast }: Place) {
  const { services, call, start, onDelta } = asker
  const asked = { ...request, ...(id !== undefined && { model: id }) }
  const reply = await generateInPool(services.pool, services.models, asked, {
    signal: call.signal,
    key: call.idempotencyKey,
    share: fairnessKey(start),
    payer,
    within: time.within,
    mayShrink: isLast,
    ...(isFallback && { fallback: true as const }),
    keep: keepOf(asker),
    ...(onDelta && { onDelta }),
  })
  if (reply.refused !== undefined) throw withFailedUsage(declined(reply.model, reply.refused), reply)
  return reply
}

/** The time of a step: all that it asks have it together, and waiting for a place is none of it. */
type Time = ReturnType<typeof createTime>

function createTime(timeout: number | undefined, elapsed = () => performance.now()) {
  let left = timeout
  return {
    // a timer may go off a part of a millisecond before its time by the clock that measures
    isOver: () => left !== undefined && left < 1,
    async within<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const began = elapsed()
      try {
        return await withTimeout(left, signal, call)
      } finally {
        if (left !== undefined) left -= elapsed() - began
      }
    },
  }
}

/** The pool has no room: another model would not have any either. */
function isFull(error: unknown): boolean {
  return is(error, 'BusyError') && error.code !== WORKERS_UNHEALTHY
}

/** Each call of a step has an id of its own, which it keeps when it is made again after a crash. */
export function payerOf(
  { call, self: { kind, key }, start }: Pick<Asker, 'call' | 'self' | 'start'>,
  place: number,
): CallPayer {
  const id = `${call.idempotencyKey}#${call.attempt}.${place}`
  return { id, by: `${kind}/${key}`, of: [`run/${start.run.id}`] }
}

/** One that may pass is worth another attempt at all of them, and one that was made counts. */
function worstOf(errors: readonly unknown[]): unknown {
  const mayPass = errors.filter((error) => problemOf(error).terminal !== true)
  const passing = mayPass.find((error) => !isBusy(problemOf(error))) ?? mayPass[0]
  if (errors.length === 1 || passing !== undefined) return passing ?? errors[0]
  const messages = errors.map((error) => problemOf(error).message).join('; ')
  return new TerminalError(messages, { code: problemOf(errors[0]).code, cause: errors[0] })
}

/** A call that came to nothing, where it is known what it took. */
export function failedUse(purpose: string, { id, why }: Candidate, error: unknown): readonly ModelUse[] {
  const spent = failedUsageOf(error)
  if (!spent) return []
  const { model, usage, cost } = spent
  const failed = problemOf(error).code
  const standard = id === undefined && { standard: true as const }
  return [{ for: purpose, model, why, ...usage, ...(cost !== undefined && { cost }), ...standard, failed }]
}

function useOf(
  purpose: string,
  { id, why, lacks = [] }: Candidate,
  { model, usage, cost, cached, lacks: told = [] }: ModelReply,
  failed: readonly Failed[],
): ModelUse {
  const before = failed.map((one) => ({ model: one.model, code: problemOf(one.error).code }))
  return {
    for: purpose,
    model,
    why,
    ...usage,
    ...(cost !== undefined && { cost }),
    ...(id === undefined && { standard: true as const }),
    ...(cached && { cached }),
    ...(before.length > 0 && { instead_of: before }),
    ...(lacks.length + told.length > 0 && { lacks: [...lacks, ...told] }),
  }
}

function declined(model: string, why: string): TerminalError {
  const how =
    'name another one: ANTIPHON_MODEL or `model:` in antiphon.yaml for all steps, `model:` in the parameters for this one'
  return new TerminalError(`the model ${model} declined: ${why}; ${how}`, { code: 'model_refused' })
}

/** Whether another model than the first wanted one answered, or one that lacks something. */
export function isDegraded(uses: readonly ModelUse[]): boolean {
  return uses.some(({ instead_of, lacks }) => instead_of !== undefined || lacks !== undefined)
}

const LONGEST_TAG = 200

/** Whose reply it is, whether it is kept, and what it can be dropped by. TerminalError for a tag that is none. */
function keepOf({ step, start, pipeline, scope }: Pick<StepContext, 'step' | 'start' | 'pipeline' | 'scope'>) {
  const { cache: wish, cacheTags } = step
  const keep: NonNullable<PoolGenerateOptions['keep']> = { owner: start.owner ?? LOCAL_OWNER, wish }
  if (!cacheTags) return keep
  const tags = renderAll([...cacheTags], pipeline, scope, ['cache', 'tags']) as Json[]
  return { ...keep, tags: tags.map(tagOf) }
}

function tagOf(value: Json, at: number): string {
  const tag = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  if (tag !== '' && tag.length <= LONGEST_TAG) return tag
  const shown = JSON.stringify(value).slice(0, 80)
  throw new TerminalError(`cache.tags[${at}]: ${shown} is no text of at most ${LONGEST_TAG} letters`, {
    code: 'bad_value',
  })
}
