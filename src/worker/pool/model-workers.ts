import { problemOf } from '../../errors.ts'
import { lacksOf, type Needs, type Offers } from '../capabilities.ts'
import type { Takings } from '../model-resources.ts'
import type { Resource } from '../worker.ts'
import type { Pool } from './pool.ts'

/** What calls of models took in all: tokens, and dollars where prices are known. */
export type Took = {
  readonly tokens: { readonly input: number; readonly output: number }
  readonly cost: number
}

/** What one call took, as far as it is known. */
export type Taking = {
  readonly usage?: { readonly input: number; readonly output: number }
  readonly cost?: number
}

const NOTHING_TAKEN: Took = { tokens: { input: 0, output: 0 }, cost: 0 }

/** That, and one call more. */
function plus({ tokens, cost: before }: Took, { usage, cost = 0 }: Taking): Took {
  const { input = 0, output = 0 } = usage ?? {}
  return { tokens: { input: tokens.input + input, output: tokens.output + output }, cost: before + cost }
}

/** The worker of a model in one pool. */
export type Employed = {
  /** what a task needs so that this worker does it */
  readonly needs: Needs
  readonly offers: Offers
  /** A call has failed with that error: what asks for a pause gets one. */
  noteFailure(error: unknown): void
  /** A call, whatever came of it, took that. */
  noteTaking(taking: Taking): void
}

export type EmployerOptions = {
  readonly pool: Pick<Pool, 'addWorker' | 'removeWorker' | 'idle'>
  /** what all workers of the pool take of */
  readonly cap: Resource & { readonly size: number }
  readonly takings: Takings
  /** What a model offers, as far as is known. */
  offersOf(model: string): Offers
}

/** Models that one pool knows at once, unless more have something to do; of those that have nothing who was employed first goes first. */
const MOST_MODELS = 1000
const RATE_LIMITED = 'model_rate_limited'

/** The workers of the models of one pool, made when they are first asked for. */
export function createEmployer({ pool, cap, takings, offersOf }: EmployerOptions) {
  const employed = new Map<string, Employed>()
  const taken = new Map<string, Took>()
  let all = NOTHING_TAKEN
  let limited = 0

  function hire(model: string): Employed {
    if (employed.size >= MOST_MODELS) dismiss(employed.size - MOST_MODELS + 1)
    const needs = { models: [model] }
    const offers = { ...offersOf(model), ...needs }
    const resources = [cap, ...takings.of(model)]
    pool.addWorker({ id: model, kind: 'model', offers, slots: cap.size, resources, blames })
    const made = {
      ...{ needs, offers },
      noteFailure: (error: unknown) => noteFailure(model, error),
      noteTaking: (taking: Taking) => noteTaking(model, taking),
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

  function noteTaking(model: string, taking: Taking): void {
    all = plus(all, taking)
    // one that was let go has counted for its pool
    if (employed.has(model)) taken.set(model, plus(taken.get(model) ?? NOTHING_TAKEN, taking))
  }

  return {
    ids: () => employed.keys(),
    employ: (model: string) => employed.get(model) ?? hire(model),
    /** What is waited by: all that one model is able to do waits in one line, so that shares take turns in all of it. */
    lineOf(needs: Needs): Needs {
      const worker = needs.models?.length === 1 ? employed.get(needs.models[0]!) : undefined
      return worker && lacksOf(worker.offers, needs).length === 0 ? worker.needs : needs
    },
    /** What was taken in all, and by one of them. */
    took: (model?: string): Took => (model === undefined ? all : (taken.get(model) ?? NOTHING_TAKEN)),
    /** How often a provider has asked for a pause since it was last taken. */
    takeLimited(): number {
      const times = limited
      limited = 0
      return times
    },
  }
}

/** A provider that asks for a pause is well; so is one that says that a request is wrong. */
export function blames(error: unknown): boolean {
  return problemOf(error).terminal !== true && !isRateLimited(error)
}

/** Whether a provider asks for a pause. */
export const isRateLimited = (error: unknown) => problemOf(error).code === RATE_LIMITED
