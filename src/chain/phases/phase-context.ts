import { endsTurn } from '../../budget/waiting.ts'
import { problemOf, TerminalError } from '../../errors.ts'
import type { Call, Effects } from '../../kernel/types.ts'
import { remedyOf } from '../../model/call/failure-kinds.ts'
import { NO_USAGE } from '../../model/cost/usage.ts'
import { generateInPool } from '../../model/pool/generate-in-pool.ts'
import type { Assignment } from '../../model/prompt/task.ts'
import type { ModelReply, Payer } from '../../model/request/request.ts'
import type { Priority } from '../../worker/pool/task.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { UNHEALTHY } from '../../worker/worker.ts'
import { clip } from '../protocol/bounds.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices, Hands } from '../protocol/phase.ts'
import type { ModelChoice, PhaseInput, PhaseName } from '../protocol/phase-types.ts'
import { type Found, type Search, search, searchByWords } from '../retrieval/search.ts'
import type { Recall } from './memo.ts'
import { poolPhase } from './registry.ts'

/** Characters of one reply that are kept. */
const REPLY_SIZE = 64 * 1024

/** What hands reach into; `pool` works for their phase. */
export type World = {
  readonly services: ChainServices
  readonly pool: WorkPool
  readonly limits: ChainLimits
  readonly effects: Effects
  readonly recall: Recall
}

/** What came back of a call: a reply, or vectors. */
export type Heard = Pick<ModelReply, 'usage'> & Partial<ModelReply>

/** The hands of one phase in one turn; `heard` gets what came back of each call. */
export function handsFor(world: World, name: PhaseName, input: PhaseInput, heard: (reply: Heard) => void): Hands {
  const { services, pool, effects, recall } = world
  const [thought, look] = [numbered('model'), numbered('read')]
  const models = modelsFor(input.models, name, pool, services.models)
  const share = threadOf(effects, name)
  const payers = [`thread/${share}`, ...(input.payer === undefined ? [] : [input.payer])]
  const of = { share, payers, priority: priorityOf(input) }
  return {
    offline: isOffline(services, models[0]),
    async think(assignment, { aloud = false } = {}) {
      const emit = aloud
        ? (text: string, at: number) => effects.emit({ type: 'text-delta', phase: name, text, at })
        : undefined
      const effect = thought()
      const reply = await recall.once(effect, () => askModels(world, effect, { ...of, assignment, models, emit }))
      heard(reply)
      return reply
    },
    async retrieve(question) {
      const name = look()
      const { lacks, usage, ...found } = await recall.once(name, () =>
        lookInto(world, name, { ...of, input, question }),
      )
      if (usage || lacks) heard({ usage: usage ?? NO_USAGE, ...(lacks && { lacks }) })
      return found
    },
  }
}

/** Names for effects of a kind: of the first it is that of the kind. */
function numbered(kind: string): () => string {
  let count = 0
  return () => (++count === 1 ? kind : `${kind}.${count}`)
}

type Wanted = Pick<Search, 'input' | 'question' | 'share' | 'priority'> & Pick<Asked, 'payers'>

type Seen = Found & Pick<Heard, 'lacks'>

/** Where passages cannot be compared by meaning, words alone are better than nothing. */
async function lookInto(world: World, name: string, wanted: Wanted): Promise<Seen> {
  const { services, effects } = world
  const { vectors } = services.models
  try {
    // what is asked of a provider is not begun early
    const effect = vectors ? 'idempotent' : 'pure'
    return await effects.run(name, (call) => searchFor(search, world, wanted, call), { effect })
  } catch (error) {
    if (endsTurn(error) || !(vectors || services.embedder)) throw error
    const act = (call: Call) => searchFor(searchByWords, world, wanted, call)
    const found = await effects.run(`${name}-words`, act, { effect: 'pure' })
    return { ...found, lacks: [`passages were found by their words alone: ${problemOf(error).message}`] }
  }
}

function searchFor(by: typeof search, world: World, { payers, ...wanted }: Wanted, call: Call): Promise<Found> {
  const { signal, idempotencyKey: key } = call
  const payer = payerOf(world.effects, call, payers)
  return by(world, { ...wanted, signal, key, payer }).catch((error: unknown) => {
    throw withoutWaiting(error)
  })
}

/** A person waits for an answer, and goes before what a run of a pipeline asks. */
const priorityOf = ({ payer }: PhaseInput): Priority => (payer === undefined ? 'high' : 'normal')

/** Work of one thread takes turns with that of others. */
function threadOf({ self }: Effects, name: PhaseName): string {
  return self.key.slice(0, -name.length - 1)
}

/** The models of a phase in the order they are tried; `undefined` stands for the default model, and behind it are those who may stand in. */
function modelsFor(
  choice: ModelChoice,
  name: PhaseName,
  { models }: WorkPool,
  { fallback }: ChainServices['models'],
): readonly (string | undefined)[] {
  const chosen = choice[name] ?? choice[poolPhase(name)] ?? choice.default ?? models
  if (chosen === undefined || chosen.length === 0) return [undefined, ...(fallback?.() ?? [])]
  return typeof chosen === 'string' ? [chosen] : chosen
}

function isOffline({ models }: ChainServices, id: string | undefined): boolean {
  return id === undefined ? models.default.offline : id.startsWith('offline/')
}

type Asked = {
  readonly assignment: Assignment
  readonly models: readonly (string | undefined)[]
  readonly share: string
  readonly priority: Priority
  /** the scopes of budgets that a call is paid out of */
  readonly payers: readonly string[]
  readonly emit: ((text: string, at: number) => void) | undefined
}

/** Each model is an effect and a task of its own: the next one is asked only once the one before it has failed for good. The last is told less where all is too long. */
async function askModels(world: World, thought: string, asked: Asked): Promise<ModelReply> {
  const last = asked.models.length - 1
  for (const place of asked.models.keys()) {
    const name = place === 0 ? thought : `${thought}-${place + 1}`
    try {
      return await world.effects.run(name, (call) => askModel(world, asked, place, call))
    } catch (error) {
      if (endsTurn(error) || place === last || remedyOf(problemOf(error).code) === 'fail') throw error
    }
  }
  throw new TypeError('no model to ask')
}

async function askModel(
  { services, pool, effects }: World,
  asked: Asked,
  place: number,
  call: Call,
): Promise<ModelReply> {
  const { assignment, models, share, priority, payers, emit } = asked
  const payer = payerOf(effects, call, payers)
  const model = models[place]
  const request = { ...assignment, ...(model !== undefined && { model }) }
  const reply = await generateInPool(pool, services.models, request, {
    signal: call.signal,
    key: call.idempotencyKey,
    ...{ share, priority, payer },
    mayShrink: place === models.length - 1,
    ...(place > 0 && { fallback: true as const }),
    ...(emit && { onDelta: emit }),
  }).catch((error: unknown) => {
    throw withoutWaiting(error)
  })
  return { ...reply, text: clip(reply.text, REPLY_SIZE) }
}

function payerOf({ self }: Effects, { idempotencyKey, attempt }: Call, payers: readonly string[]): Payer {
  return { id: `${idempotencyKey}#${attempt}`, by: `${self.kind}/${self.key}`, of: payers }
}

/** Somebody waits for the answer: they hear at once that the model is not asked now, or another one answers. */
function withoutWaiting(error: unknown): unknown {
  const { code, message } = problemOf(error)
  return code === UNHEALTHY ? new TerminalError(message, { code, cause: error }) : error
}
