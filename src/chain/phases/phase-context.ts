import { scopeOf } from '../../budget/scope.ts'
import { problemOf, TerminalError, UnknownError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectCall, EffectClass, Effects } from '../../kernel/types.ts'
import { wholeCharacters } from '../../lib/clip.ts'
import { ownerOf } from '../../lib/owner.ts'
import { unlessAborted } from '../../lib/time/unless-aborted.ts'
import { NO_USAGE } from '../../model/cost/usage.ts'
import type { PoolGenerateOptions } from '../../model/pool/generate-in-pool.ts'
import type { Assignment } from '../../model/prompt/task.ts'
import type { ModelReply } from '../../model/request/request.ts'
import type { ModelChoice, PhaseInput, PhaseName } from '../../thread/protocol/phase-types.ts'
import { nameIn } from '../../thread/protocol/thread-name.ts'
import { mayAskAnother } from '../../work/ask-model.ts'
import { inHands, type PaidOptions, type Payer, paidOptions } from '../../work/payer.ts'
import type { ProviderWait } from '../../work/provider-wait.ts'
import { mustPropagate } from '../../work/suspension.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { priorityOf } from '../calls/call-run.ts'
import type { PhaseCalls } from '../calls/phase-calls.ts'
import { createProbes } from '../calls/probe-model.ts'
import { guided } from '../domains/guide.ts'
import { recallRecords } from '../memory/recall-records.ts'
import { MAX_ANSWER_SIZE } from '../protocol/bounds.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices, PhaseContext } from '../protocol/phase.ts'
import { readPhaseFiles } from '../retrieval/phase-files.ts'
import { type SearchResult, type SourceSearch, searchByWords, searchSources } from '../retrieval/search.ts'
import { type QuestionFiles, tellingReduced, withShownFiles } from '../retrieval/shown-files.ts'
import { callOnce, withoutWaiting } from './call-once.ts'
import type { Memo } from './memo.ts'
import { createRun } from './own-effects.ts'
import { poolPhaseOf } from './registry.ts'

/** The services of a phase context. `pool` serves its phase. */
type PhaseScope = {
  readonly services: ChainServices
  readonly pool: WorkPool
  readonly limits: ChainLimits
  readonly effects: Effects
  readonly memo: Memo
  readonly calls: PhaseCalls
  /** the call has waited for its provider */
  readonly waited?: ProviderWait | undefined
}

/** A scope whose phase ends at its deadline. */
type TimedScope = PhaseScope & { readonly late?: { readonly signal: AbortSignal; readonly message: string } }

/** The result of a call: a reply, or vectors. */
export type CallResult = Pick<ModelReply, 'usage'> & Partial<ModelReply>

/** The context of one phase in one turn; `report` receives the result of each call. */
export function createPhaseContext(
  given: PhaseScope,
  name: PhaseName,
  input: PhaseInput,
  report: (reply: CallResult) => void,
): PhaseContext {
  const scope = timedScope(given, name)
  const { services, pool, effects, memo, calls } = scope
  const [thought, searched, recalled] = [numbered('model'), numbered('read'), numbered('recall')]
  const models = modelsFor(input.models, name, pool, services.models)
  const share = threadOf(effects, name)
  const of = [scopeOf('thread', share), ...(input.payer === undefined ? [] : [input.payer])]
  const owner = ownerOf(input)
  const work = { for: { owner, conversation: nameIn(share, owner) }, rules: input.tools?.origin?.workFor?.rules }
  const payer: Payer = { of, share, priority: priorityOf(input), work }
  const offline = isOffline(services, models[0])
  const guide = (assignment: Assignment) => (input.ofDomain ? guided(assignment, input, name, { offline }) : assignment)
  return {
    offline,
    call: calls.call,
    ...(calls.tools && { tools: calls.tools }),
    async askModel(assignment, { aloud = false } = {}) {
      const live = aloud
        ? {
            onDelta: (text: string, at: number) => effects.emit({ type: 'text-delta', phase: name, text, at }),
            onRestart: (reason: string) => effects.emit({ type: 'text-restart', phase: name, reason }),
          }
        : undefined
      const effect = thought()
      const reply = await memo.once(effect, () =>
        generateWithFallback(scope, effect, {
          payer,
          assignment: guide(assignment),
          models,
          live,
          files: { sources: input.sources, phase: name },
        }),
      )
      report(reply)
      return reply
    },
    async retrieve(question, look = {}) {
      const name = searched()
      const { lacks, usage, ...found } = await memo.once(name, () =>
        searchWithFallback(scope, name, { payer, input, question, ...look }),
      )
      const notes = [...(lacks ?? []), ...found.sources.flatMap(({ note }) => note ?? [])]
      if (usage || notes.length > 0) report({ usage: usage ?? NO_USAGE, ...(notes.length > 0 && { lacks: notes }) })
      return found
    },
    files: () =>
      memo.once('files', () => {
        const act = (call: EffectCall) =>
          inHands(pool, paidOptions(payer, effects.self, call), (signal) =>
            readPhaseFiles(services, input.sources, signal),
          )
        return runInTime(scope, 'files', act, 'idempotent')
      }),
    run: createRun({
      pool,
      memo,
      perform: (effect, act, of) => runInTime(scope, effect, act, of),
      task: (call) => paidOptions(payer, effects.self, call),
    }),
    probe: createProbes({
      memo,
      perform: (effect, act) => runInTime(scope, effect, act),
      ask: (request, call, mayWait) => callOnce(scope, request, paidOptions(payer, effects.self, call), mayWait),
      report,
      facts: () => services.models.facts?.() ?? [],
    }),
    async recall(question, filter = {}) {
      const effect = recalled()
      const act = (call: EffectCall) =>
        inHands(pool, paidOptions(payer, effects.self, call), (signal) =>
          recallRecords(services, { ...filter, question, memory: input.memory, signal }),
        )
      const { hits, lacks } = await memo.once(effect, () => runInTime(scope, effect, act, 'idempotent'))
      if (lacks.length > 0) report({ usage: NO_USAGE, lacks })
      return hits
    },
  }
}

function timedScope(scope: PhaseScope, name: PhaseName): TimedScope {
  const deadline = scope.limits.phaseDeadlines?.[poolPhaseOf(name)]
  if (deadline === undefined) return scope
  const message = `The phase took longer than its deadline, ${deadline / 1000} s.`
  return { ...scope, late: { signal: AbortSignal.timeout(deadline), message } }
}

/** Runs an effect of a phase, which fails at the deadline of the phase. */
function runInTime<Result extends Json>(
  { effects, late }: TimedScope,
  name: string,
  act: (call: EffectCall) => Promise<Result>,
  effect?: EffectClass,
): Promise<Result> {
  const options = effect === undefined ? {} : { effect, begins: true }
  if (!late) return effects.run(name, act, options)
  const actInTime = async (call: EffectCall) => {
    const { begin } = call
    let hasBegun = false
    const timed = { ...call, signal: AbortSignal.any([call.signal, late.signal]) }
    const noted = (work: () => unknown) => {
      hasBegun = true
      return work()
    }
    try {
      // code of a phase may not listen to its signal
      return await unlessAborted(
        act(begin ? { ...timed, begin: (work) => begin(() => noted(work) as never) } : timed),
        late.signal,
      )
    } catch (error) {
      if (!late.signal.aborted || call.signal.aborted) throw error
      if (effect !== 'at-most-once' || !hasBegun) throw new TerminalError(late.message, { code: 'timeout' })
      throw new UnknownError(`${name} did not end: ${late.message} Whether it took place is not known.`)
    }
  }
  return effects.run(name, actInTime, options)
}

/** Names for the effects of a kind; the first one has the name of the kind. */
function numbered(kind: string): () => string {
  let count = 0
  return () => (++count === 1 ? kind : `${kind}.${count}`)
}

type RetrievalInput = Omit<SourceSearch, keyof PaidOptions> & Pick<GenerateInput, 'payer'>

/** Falls back to a search by words when passages cannot be compared by meaning. */
async function searchWithFallback(scope: TimedScope, name: string, wanted: RetrievalInput): Promise<SearchResult> {
  const { services } = scope
  const { vectors } = services.models
  try {
    // requests to a provider are not started early
    const effect = vectors ? 'idempotent' : 'pure'
    return await runInTime(scope, name, (call) => searchFor(searchSources, scope, wanted, call), effect)
  } catch (error) {
    if (mustPropagate(error) || !(vectors || services.embedder)) throw error
    const act = (call: EffectCall) => searchFor(searchByWords, scope, wanted, call)
    const found = await runInTime(scope, `${name}-words`, act, 'pure')
    const lack = `passages were found by their words alone: ${problemOf(error).message}`
    return { ...found, lacks: [lack, ...(found.lacks ?? [])] }
  }
}

function searchFor(
  by: typeof searchSources,
  scope: PhaseScope,
  { payer, ...wanted }: RetrievalInput,
  call: EffectCall,
): Promise<SearchResult> {
  return by(scope, { ...wanted, ...paidOptions(payer, scope.effects.self, call) }).catch((error: unknown) => {
    throw withoutWaiting(error)
  })
}

/** The thread is the fairness key: threads share the pool evenly. */
export const threadOf = ({ self }: Effects, name: PhaseName): string => self.key.slice(0, -name.length - 1)

/** The models of a phase in the order they are tried. `undefined`: the default model; the substitutes follow it. */
function modelsFor(
  choice: ModelChoice,
  name: PhaseName,
  { models }: WorkPool,
  { fallback }: ChainServices['models'],
): readonly (string | undefined)[] {
  const chosen = choice[name] ?? choice[poolPhaseOf(name)] ?? choice.default ?? models
  if (chosen === undefined || chosen.length === 0) return [undefined, ...(fallback?.() ?? [])]
  return typeof chosen === 'string' ? [chosen] : chosen
}

function isOffline({ models }: ChainServices, id: string | undefined): boolean {
  return id === undefined ? models.default.offline : id.startsWith('offline/')
}

type GenerateInput = {
  readonly assignment: Assignment
  readonly models: readonly (string | undefined)[]
  readonly payer: Payer
  readonly live: Pick<PoolGenerateOptions, 'onDelta' | 'onRestart'> | undefined
  readonly files: QuestionFiles
}

/**
 * Tries each model as an effect and a task of its own. The next one is asked only after the one before has failed for
 * good. The last one may shorten a request that is too long.
 */
async function generateWithFallback(scope: TimedScope, thought: string, asked: GenerateInput): Promise<ModelReply> {
  const last = asked.models.length - 1
  for (const place of asked.models.keys()) {
    const name = place === 0 ? thought : `${thought}-${place + 1}`
    try {
      return await runInTime(scope, name, (call) => generateOnce(scope, asked, place, call))
    } catch (error) {
      if (place === last || !mayAskAnother(error)) throw error
    }
  }
  throw new TypeError('no model to ask')
}

async function generateOnce(
  scope: PhaseScope,
  { assignment, models, payer, live, files }: GenerateInput,
  place: number,
  call: EffectCall,
): Promise<ModelReply> {
  const { services, effects } = scope
  const model = models[place]
  const plain = { ...assignment, ...(model !== undefined && { model }) }
  const { request, readers } = isOffline(services, model)
    ? { request: plain, readers: {} }
    : await withShownFiles(plain, files, services, call.signal)
  const isLast = place === models.length - 1
  const options = {
    ...paidOptions(payer, effects.self, call),
    mayShrink: isLast,
    ...(place > 0 && { fallback: true as const }),
    ...live,
    ...readers,
  }
  return bounded(tellingReduced(await callOnce(scope, request, options, isLast)))
}

/** A reply that is too long for an answer loses its end, and says so beside its text. */
function bounded(reply: ModelReply): ModelReply {
  const { text, model, lacks = [] } = reply
  if (text.length <= MAX_ANSWER_SIZE) return reply
  const beginning = text.slice(0, wholeCharacters(text, MAX_ANSWER_SIZE))
  const lack = `the reply of ${model} has ${text.length} characters, and only the first ${beginning.length} are kept`
  return { ...reply, text: beginning, lacks: [...lacks, lack] }
}
