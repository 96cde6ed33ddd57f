import { is, problemOf, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { ownValue } from '../../lib/own.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { ModelNeeds } from '../../model/choose/model-facts.ts'
import { failedUsageOf, withFailedUsage } from '../../model/cost/usage.ts'
import { generateInPool, type PoolGenerateOptions } from '../../model/pool/generate-in-pool.ts'
import type { ModelReply, ModelRequest } from '../../model/request/request.ts'
import { mayAskAnother, worthiestFailure } from '../../work/ask-model.ts'
import { type Payer, paidOptions } from '../../work/payer.ts'
import { mustPropagate } from '../../work/suspension.ts'
import { WORKERS_UNHEALTHY } from '../../worker/worker.ts'
import type { StepContext, StepServices } from '../call/context.ts'
import { partOf, payerOf } from '../call/payer.ts'
import type { ModelUse } from '../record/model-use.ts'
import { readPinned, smallPinned } from './given-files.ts'

/** A model to ask; without an id the default one. */
export type ModelCandidate = { readonly id?: string; readonly why: string; readonly lacks?: readonly string[] }

type ModelCaller = Pick<
  StepContext,
  'services' | 'models' | 'preferred' | 'policy' | 'reasons' | 'call' | 'self' | 'start' | 'callFor' | 'cacheTags'
> & {
  onDelta?(text: string, at: number): void
  onRestart?(reason: string): void
  /** collects failed model calls with usage */
  readonly spent?: ModelUse[]
}

/** The sources of a step's candidates. */
type CandidateSources = Pick<ModelCaller, 'models' | 'preferred'> &
  Partial<Pick<ModelCaller, 'reasons'>> & { readonly services: ChoosingServices }
type ChoosingServices = {
  readonly models: Pick<StepServices['models'], 'choose' | 'fallback'>
  readonly pool?: Pick<StepServices['pool'], 'models'>
}

const STEP_POOL = 'text_step_pool'
const NAMED = { why: 'named by the step' }
const DEFAULT_CANDIDATE: ModelCandidate = { why: 'the default model' }

/**
 * The models to ask, in order: those the step names, those that meet its needs, those of its run, or the default.
 * Fallback models follow a model that was not named.
 */
export function modelCandidates(
  { services, models: terms, preferred, reasons = {} }: CandidateSources,
  named: readonly string[],
): readonly ModelCandidate[] {
  if (named.length > 0) return named.map((id) => ({ id, ...(ownValue(reasons, id) ?? NAMED) }))
  if (terms.needs) return chooseCandidates(services.models, terms.needs)
  const { names = [], needs } = preferred ?? {}
  if (needs) return chooseCandidates(services.models, needs)
  if (names.length > 0) return names.map((id) => ({ id, why: 'named by the pipeline' }))
  const { models = [] } = services.pool ?? {}
  return models.length > 0
    ? models.map((id) => ({ id, why: `what ${STEP_POOL} asks` }))
    : [DEFAULT_CANDIDATE, ...standIns(services.models)]
}

/** The model chosen by requirements, and its possible substitutes. */
export function chooseCandidates(models: ChoosingServices['models'], needs: ModelNeeds): readonly ModelCandidate[] {
  const first = models.choose(needs)
  return [first, ...standIns(models, needs).filter(({ id }) => id !== first.id)]
}

function standIns(models: ChoosingServices['models'], needs?: ModelNeeds): readonly ModelCandidate[] {
  return (models.fallback?.(needs) ?? []).map((id) => ({ id, why: 'it may stand in, as the configuration says' }))
}

/**
 * Asks the candidates one after another, each in the pool, until one answers. The last one may receive a shortened
 * request. Rejects with the failure most worth another attempt when none answers.
 */
export async function askModel(
  asker: ModelCaller,
  purpose: string,
  candidates: readonly ModelCandidate[],
  request: ModelRequest,
): Promise<{ readonly reply: ModelReply; readonly use: ModelUse }> {
  const { services, call, spent } = asker
  const payer = payerOf(asker)
  const time = createTimeBudget(asker, services.elapsed)
  const failed: FailedCandidate[] = []
  for (const [place, candidate] of candidates.entries()) {
    try {
      const at = { time, payer, place, isLast: place === candidates.length - 1 }
      const reply = await ask(asker, candidate, request, at)
      return { reply, use: modelUseOf(purpose, candidate, reply, failed) }
    } catch (error) {
      if (call.signal.aborted || mustPropagate(error) || time.isOver() || isFull(error)) throw error
      spent?.push(...failedModelUse(purpose, candidate, error))
      if (!mayAskAnother(error)) throw error
      failed.push({ model: candidate.id ?? 'the default model', error })
    }
  }
  throw worthiestFailure(failed.map(({ error }) => error))
}

type FailedCandidate = { readonly model: string; readonly error: unknown }
type CallTerms = {
  readonly time: TimeBudget
  readonly payer: Payer
  readonly place: number
  readonly isLast: boolean
}

async function ask(
  asker: ModelCaller,
  { id }: ModelCandidate,
  request: ModelRequest,
  { time, payer, place, isLast }: CallTerms,
) {
  const { services, self, call, models, onDelta, onRestart } = asker
  const { onTruncated, promptCache } = models
  const asked = {
    ...(onTruncated && { onTruncated }),
    ...(promptCache && { promptCache }),
    ...request,
    ...(id !== undefined && { model: id }),
  }
  const { queue } = call
  const { elapsed = () => performance.now() } = services
  let waitedFrom: number | undefined = elapsed()
  const begins = () => {
    // a call that is repeated has its place
    if (queue && waitedFrom !== undefined) queue.ms += elapsed() - waitedFrom
    waitedFrom = undefined
    return time.terms.begins?.()
  }
  const reply = await generateInPool(services.pool, services.models, asked, {
    ...paidOptions(payer, self, call, partOf(place)),
    ...time.terms,
    begins,
    mayShrink: isLast,
    ...(place > 0 && { fallback: true as const }),
    keep: cacheTermsOf(asker),
    ...(asked.files && { readFile: readPinned(asker), smallPicture: smallPinned(asker) }),
    ...(onDelta && { onDelta }),
    ...(onRestart && { onRestart }),
  })
  if (reply.refused !== undefined) throw withFailedUsage(modelDeclined(reply.model, reply.refused), reply)
  return reply
}

/** Marks that the call of a model begins, if its attempt is marked. */
export const noteBegin = ({ begin }: Pick<StepContext['call'], 'begin'>): Promise<void> | undefined => begin?.(() => {})

/** The time limit that all calls of a step share. Waiting for a place in the pool does not count. */
type TimeBudget = ReturnType<typeof createTimeBudget>

function createTimeBudget(
  { policy: { timeout }, start, call }: Pick<ModelCaller, 'policy' | 'start' | 'call'>,
  elapsed = () => performance.now(),
) {
  let left = timeout ?? Number.POSITIVE_INFINITY
  let began: number | undefined
  function settle(): number {
    if (began !== undefined) left -= elapsed() - began
    began = undefined
    return left
  }
  const terms: Pick<PoolGenerateOptions, 'limit' | 'begins'> = {
    limit: () => ({ ms: Math.max(0, settle()), what: 'the model', of: start.run.id }),
    begins() {
      began = elapsed()
      return noteBegin(call)
    },
  }
  return {
    // a timer may fire a fraction of a millisecond early by the measuring clock
    isOver: () => settle() < 1,
    terms: timeout === undefined ? { begins: () => noteBegin(call) } : terms,
  }
}

/** The pool has no room, so another model would not find any either. */
const isFull = (error: unknown): boolean => is(error, 'BusyError') && error.code !== WORKERS_UNHEALTHY

/** The usage of a failed call, where it is known. */
export function failedModelUse(purpose: string, { id, why }: ModelCandidate, error: unknown): readonly ModelUse[] {
  const spent = failedUsageOf(error)
  if (!spent) return []
  const { model, usage, cost } = spent
  const failed = problemOf(error).code
  const standard = id === undefined && { standard: true as const }
  return [{ for: purpose, model, why, ...usage, ...(cost !== undefined && { cost }), ...standard, failed }]
}

function modelUseOf(
  purpose: string,
  { id, why, lacks = [] }: ModelCandidate,
  { model, usage, cost, cached, lacks: notes = [] }: ModelReply,
  failed: readonly FailedCandidate[],
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
    ...(lacks.length + notes.length > 0 && { lacks: [...lacks, ...notes] }),
  }
}

function modelDeclined(model: string, why: string): TerminalError {
  const how =
    'name another one: ANTIPHON_MODEL or `model:` in antiphon.yaml for all steps, `model:` in the parameters for this one'
  return new TerminalError(`The model ${model} declined: ${why}; ${how}.`, { code: 'model_refused' })
}

/** Whether another model than the preferred one answered, or one that lacks a required ability. */
export function isDegraded(uses: readonly ModelUse[]): boolean {
  return uses.some(({ instead_of, lacks }) => instead_of !== undefined || lacks !== undefined)
}

const MAX_TAG_CHARS = 200

/** The owner, policy and tags under which a reply is cached. TerminalError for an invalid tag. */
function cacheTermsOf({
  models: { cache: wish },
  start,
  cacheTags,
}: Pick<ModelCaller, 'models' | 'start' | 'cacheTags'>) {
  const keep: NonNullable<PoolGenerateOptions['keep']> = { owner: start.run.owner ?? LOCAL_OWNER, wish }
  if (!cacheTags) return keep
  return { ...keep, tags: cacheTags().map(cacheTagOf) }
}

function cacheTagOf(value: Json, at: number): string {
  const tag = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  if (tag !== '' && tag.length <= MAX_TAG_CHARS) return tag
  const shown = JSON.stringify(value).slice(0, 80)
  throw new TerminalError(`cache.tags[${at}]: expected a text of at most ${MAX_TAG_CHARS} characters, got ${shown}.`, {
    code: 'bad_value',
  })
}
