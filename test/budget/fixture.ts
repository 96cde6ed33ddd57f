import { budgetActor } from '../../src/budget/actor.ts'
import { MICROS_PER_DOLLAR } from '../../src/budget/money.ts'
import type { WorkLimits } from '../../src/budget/room/charging/charged-budgets.ts'
import { payingModels } from '../../src/budget/room/charging/metered.ts'
import { createReservations, type StandingLimits } from '../../src/budget/room/charging/reservations.ts'
import { budgetRef } from '../../src/budget/scope.ts'
import type { BudgetState } from '../../src/budget/state.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { InlineDisk } from '../../src/engine/inline/disk.ts'
import type { Price } from '../../src/model/cost/price.ts'
import type { Models } from '../../src/model/models.ts'
import type { GenerateOptions, ModelReply, ModelRequest } from '../../src/model/request/request.ts'
import { workLimits } from '../../src/runtime/open/step-services.ts'
import type { ValueStore } from '../../src/step/values.ts'
import type { SimulatedClock } from '../../src/testing/clock.ts'
import { UNKNOWN_OFFERS } from '../../src/worker/capabilities.ts'
import { openWorkshop } from '../pipeline/workshop.ts'

/** Work whose definition sets no limits. */
export const NO_LIMITS: WorkLimits = { ofRun: async () => undefined, ofGoal: async () => undefined }

/** One dollar for a thousand tokens of a prompt, and of a reply. */
const PRICE: Price = { input: 1000, output: 1000 }

type Options = {
  readonly clock: SimulatedClock
  readonly disk?: InlineDisk
  readonly values?: ValueStore
  readonly price?: Price | 'unknown'
  readonly standing?: StandingLimits
  /** what a call does; absent: it answers at once. Each takes a dollar. */
  readonly answer?: (request: ModelRequest, options: GenerateOptions) => Promise<Partial<ModelReply>>
}

/** Pipelines on an inline engine whose model has a price. */
export function openPaying({ clock, price = PRICE, standing = {}, answer, ...kept }: Options) {
  const asked: string[] = []
  const lent: Lent = { asks: 0, reads: 0 }
  const models = {
    default: { id: 'paid/model', offline: false, why: 'test' },
    find: () => undefined,
    offersOf: () => UNKNOWN_OFFERS,
    formOf: async () => undefined,
    promptCacheOf: () => 'off' as const,
    priceOf: () => (price === 'unknown' ? undefined : price),
    async generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply> {
      asked.push(request.instruction)
      const reply = (await answer?.(request, options)) ?? {}
      return {
        text: `to ${request.instruction}`,
        citations: [],
        usage: { input: 500, output: 500 },
        model: 'paid/model',
        cost: 1,
        ...reply,
      }
    },
    choose: () => ({ id: 'paid/model', why: 'there is no other' }),
  } as unknown as Models
  const live = {
    get engine() {
      return countedEngine(workshop.engine, lent)
    },
  }
  const reservations = createReservations(
    live,
    standing,
    workLimits(live, { get: (hash) => workshop.values.get(hash) }),
  )
  const workshop = openWorkshop({
    ...kept,
    clock,
    actors: [budgetActor()],
    services: { models: payingModels(models, reservations) },
  })
  const { engine } = workshop
  const tell = (scope: string, body: { readonly [field: string]: string | number }) =>
    engine.ask(budgetRef(scope), body)
  return {
    ...workshop,
    asked,
    lent,
    set: (scope: string, dollars: number) => tell(scope, { type: 'set', limit: dollars * MICROS_PER_DOLLAR }),
    raise: (scope: string, dollars: number) => tell(scope, { type: 'raise', limit: dollars * MICROS_PER_DOLLAR }),
    remove: (scope: string) => tell(scope, { type: 'remove' }),
    /** In dollars, rounded to cents. */
    async budget(scope: string) {
      const state = (await engine.view.peek(budgetRef(scope))) as BudgetState | undefined
      if (!state) return undefined
      const { spent, reserved, calls, repeated, waiting } = state
      const round = (amount: number) => Math.round(amount / 10_000) / 100
      return { spent: round(spent), reserved: round(reserved), calls, repeated, waiting: waiting.map(({ by }) => by) }
    },
  }
}

/** What the reservations did: questions that it put to budgets, and looks at what is kept. */
type Lent = { asks: number; reads: number }

function countedEngine(engine: Engine, lent: Lent): Engine {
  const { ask, view } = engine
  const { peek, inspect } = view
  return {
    ...engine,
    ask: (...given) => {
      lent.asks++
      return ask(...given)
    },
    view: {
      ...view,
      peek: (...given) => {
        lent.reads++
        return peek(...given)
      },
      inspect: (...given) => {
        lent.reads++
        return inspect(...given)
      },
    },
  }
}

/** Three questions after one another; each may cost some $1.30, and takes one. */
export const THREE = `
name: three
steps:
  - { id: a, action: generate_text, parameters: { prompt: One, max_tokens: 1000 } }
  - { id: b, action: generate_text, parameters: { prompt: Two, max_tokens: 1000 }, dependencies: [a] }
  - { id: c, action: generate_text, parameters: { prompt: Three, max_tokens: 1000 }, dependencies: [b] }
outputs: { last: "{{ c }}" }`
