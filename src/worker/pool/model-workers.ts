import { problemOf } from '../../errors.ts'
import type { CallResources } from '../call-resources.ts'
import { missingCapabilities, type Needs, type Offers } from '../capabilities.ts'
import type { TotalUsage } from '../report.ts'
import type { Resource } from '../worker.ts'
import type { Pool } from './pool.ts'

/** The usage of one call, as far as known. */
export type CallUsage = {
  readonly usage?: Partial<TotalUsage['tokens']>
  readonly cost?: number
}

const NO_USAGE: TotalUsage = { tokens: { input: 0, output: 0 }, cost: 0 }

function plus({ tokens, cost: before }: TotalUsage, { usage, cost = 0 }: CallUsage): TotalUsage {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0 } = usage ?? {}
  const [read, written] = [(tokens.cacheRead ?? 0) + cacheRead, (tokens.cacheWrite ?? 0) + cacheWrite]
  const cached = { ...(read > 0 && { cacheRead: read }), ...(written > 0 && { cacheWrite: written }) }
  return { tokens: { input: tokens.input + input, output: tokens.output + output, ...cached }, cost: before + cost }
}

/** The worker of a model in one pool. */
export type ModelWorker = {
  /** requirements that select this worker */
  readonly needs: Needs
  readonly offers: Offers
  /** Records a failed call. A rate limit pauses the worker. */
  noteFailure(error: unknown): void
  /** Records the usage of a call, whatever its outcome. */
  noteTaking(taking: CallUsage): void
}

type ModelWorkersOptions = {
  readonly pool: Pick<Pool, 'addWorker' | 'removeWorker' | 'idle'>
  /** the limit shared by all workers of the pool */
  readonly cap: Resource & { readonly size: number }
  readonly takings: CallResources
  /** The known capabilities of a model. */
  offersOf(model: string): Offers
}

/** A pool keeps this many models, or more while they are busy. Idle models are evicted in insertion order. */
const MAX_MODELS = 1000
const RATE_LIMITED = 'model_rate_limited'

/** The model workers of one pool, created on first use. */
export function createModelWorkers({ pool, cap, takings, offersOf }: ModelWorkersOptions) {
  const employed = new Map<string, ModelWorker>()
  const taken = new Map<string, TotalUsage>()
  let all = NO_USAGE
  let limited = 0

  function hire(model: string): ModelWorker {
    if (employed.size >= MAX_MODELS) dismiss(employed.size - MAX_MODELS + 1)
    const needs = { models: [model] }
    const offers = { ...offersOf(model), ...needs }
    const resources = [cap, ...takings.of(model)]
    pool.addWorker({ id: model, kind: 'model', offers, slots: cap.size, resources, blames: isProviderFault })
    const made = {
      needs,
      offers,
      noteFailure: (error: unknown) => noteFailure(model, error),
      noteTaking: (taking: CallUsage) => noteTaking(model, taking),
    }
    employed.set(model, made)
    return made
  }

  function dismiss(count: number): void {
    const idle = pool.idle().filter((id) => employed.has(id))
    for (const id of idle.slice(0, count)) {
      employed.delete(id)
      taken.delete(id)
      void pool.removeWorker(id)
    }
  }

  function noteFailure(model: string, error: unknown): void {
    const { code, delay } = problemOf(error)
    if (code !== RATE_LIMITED) return
    limited++
    if (delay !== undefined) takings.hold(model, delay)
  }

  function noteTaking(model: string, taking: CallUsage): void {
    all = plus(all, taking)
    // a removed worker has already counted for its pool
    if (employed.has(model)) taken.set(model, plus(taken.get(model) ?? NO_USAGE, taking))
  }

  return {
    ids: () => employed.keys(),
    employ: (model: string) => employed.get(model) ?? hire(model),
    /** The lane of a task: tasks that the same models can do wait in one lane, so that shares alternate. */
    lineOf(needs: Needs): Needs {
      const worker = needs.models?.length === 1 ? employed.get(needs.models[0]!) : undefined
      return worker && missingCapabilities(worker.offers, needs).length === 0 ? worker.needs : needs
    },
    /** The total usage, or the usage of one worker. */
    took: (model?: string): TotalUsage => (model === undefined ? all : (taken.get(model) ?? NO_USAGE)),
    /** Returns the number of rate limits since the last call. */
    takeLimited(): number {
      const times = limited
      limited = 0
      return times
    },
  }
}

/** Whether an error counts against the provider. A rate limit and a rejected request do not. */
export function isProviderFault(error: unknown): boolean {
  return problemOf(error).terminal !== true && !isRateLimited(error)
}

/** Whether the provider asks for a pause. */
export const isRateLimited = (error: unknown) => problemOf(error).code === RATE_LIMITED
