import { problemOf, TerminalError } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import type { ModelReply, ModelRequest } from '../../model/spec.ts'
import { spentOn, withSpent } from '../../model/spent.ts'
import type { CompiledPipeline, CompiledStep } from '../compiled.ts'
import type { PipelineServices } from './job.ts'
import type { ModelUse } from './model-use.ts'
import { withTimeout } from './timeout.ts'

/** A model to ask; without an id the default one. */
export type Candidate = { readonly id?: string; readonly why: string; readonly lacks?: readonly string[] }

/** Who asks: the pipeline and step for the defaults, and what a call needs. */
export type Asker = {
  readonly services: PipelineServices
  readonly pipeline: CompiledPipeline
  readonly step: CompiledStep
  readonly reasons: { readonly [model: string]: string }
  readonly call: { readonly signal: AbortSignal; readonly idempotencyKey: string }
  onDelta?(text: string): void
  /** where calls are noted that came to nothing and yet took something */
  readonly spent?: ModelUse[]
}

/** What decides whom a step asks. */
export type Wishes = Pick<Asker, 'pipeline' | 'step'> &
  Partial<Pick<Asker, 'reasons'>> & {
    readonly services: { readonly models: Pick<PipelineServices['models'], 'choose'> }
  }

const STANDARD: Candidate = { why: 'the default model' }

/** Whom to ask, in order: those named, else who meets what the step needs, else what the pipeline says, else the default one. */
export function candidatesFor(
  { services, pipeline, step, reasons = {} }: Wishes,
  named: readonly string[],
): readonly Candidate[] {
  if (named.length > 0) return named.map((id) => ({ id, why: reasons[id] ?? 'named by the step' }))
  if (step.modelNeeds) return [services.models.choose(step.modelNeeds)]
  const { names = [], needs } = pipeline.model ?? {}
  if (needs) return [services.models.choose(needs)]
  return names.length > 0 ? names.map((id) => ({ id, why: 'named by the pipeline' })) : [STANDARD]
}

/** Asks them one after another, in the pool, until one answers. Rejects with the failure most worth another attempt when none does. */
export function askModel(
  asker: Asker,
  purpose: string,
  candidates: readonly Candidate[],
  request: ModelRequest,
): Promise<{ readonly reply: ModelReply; readonly use: ModelUse }> {
  const { services, step, call } = asker
  return services.pool.submit({
    signal: call.signal,
    key: call.idempotencyKey,
    run: (signal) =>
      withTimeout(step.timeout, signal, (limited) => askInTurn(asker, purpose, candidates, request, limited)),
  })
}

async function askInTurn(
  { services, onDelta, spent }: Asker,
  purpose: string,
  candidates: readonly Candidate[],
  request: ModelRequest,
  signal: AbortSignal,
) {
  const failed: { readonly model: string; readonly error: unknown }[] = []
  for (const candidate of candidates) {
    const model = candidate.id
    try {
      const asked = { ...request, ...(model !== undefined && { model }) }
      const reply = await services.models.generate(asked, { signal, ...(onDelta && { onDelta }) })
      if (reply.refused !== undefined) throw withSpent(declined(reply.model, reply.refused), reply)
      return { reply, use: useOf(purpose, candidate, reply, failed) }
    } catch (error) {
      if (signal.aborted || isInterruption(error)) throw error
      spent?.push(...failedUse(purpose, candidate, error))
      failed.push({ model: model ?? 'the default model', error })
    }
  }
  throw worstOf(failed.map(({ error }) => error))
}

/** One that may pass is worth another attempt at all of them. */
function worstOf(errors: readonly unknown[]): unknown {
  const passing = errors.find((error) => problemOf(error).terminal !== true)
  if (errors.length === 1 || passing !== undefined) return passing ?? errors[0]
  const messages = errors.map((error) => problemOf(error).message).join('; ')
  return new TerminalError(messages, { code: problemOf(errors[0]).code, cause: errors[0] })
}

/** A call that came to nothing, where it is known what it took. */
function failedUse(purpose: string, { id, why }: Candidate, error: unknown): readonly ModelUse[] {
  const spent = spentOn(error)
  if (!spent) return []
  const { model, usage, cost } = spent
  const failed = problemOf(error).code
  const standard = id === undefined && { standard: true as const }
  return [{ for: purpose, model, why, ...usage, ...(cost !== undefined && { cost }), ...standard, failed }]
}

function useOf(
  purpose: string,
  { id, why, lacks = [] }: Candidate,
  { model, usage, cost }: ModelReply,
  failed: readonly { readonly model: string; readonly error: unknown }[],
): ModelUse {
  const before = failed.map((one) => ({ model: one.model, code: problemOf(one.error).code }))
  return {
    for: purpose,
    model,
    why,
    ...usage,
    ...(cost !== undefined && { cost }),
    ...(id === undefined && { standard: true as const }),
    ...(before.length > 0 && { instead_of: before }),
    ...(lacks.length > 0 && { lacks }),
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
