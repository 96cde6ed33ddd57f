import { hash, randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Budgets } from '../../budget/room/port.ts'
import { scopeOf } from '../../budget/scope.ts'
import type { PriorsPort } from '../../commons/room/port.ts'
import type { Engine, EngineView } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { InvalidError } from '../../errors.ts'
import { threadRef } from '../../house/actors.ts'
import { type ActorRef, nameOf } from '../../kernel/ref.ts'
import type { LedgerPort } from '../../ledger/room/port.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER, ownerField } from '../../lib/owner.ts'
import type { Models } from '../../model/models.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { Activity, Admit } from '../../work/activity.ts'
import { withRules } from '../../work/origin/call-for.ts'
import type { Rules } from '../../work/rules/house-rules.ts'
import { checkOpenNames } from '../../work/tools/program-tools.ts'
import { type AskReply, askIdOf, isAtWork, openAsks, workOfMessage } from '../protocol/ask-state.ts'
import type { ModelChoice } from '../protocol/phase-types.ts'
import { threadConsents, threadDecisions, threadOfAsk } from './decisions.ts'
import type { ThreadActors } from './follow-threads.ts'
import type { Answer, AskRequest, AskTrace, ThreadInbox, ThreadServing, ThreadsPort } from './port.ts'
import { answerOf } from './port.ts'
import { type FilesOfThread, type ReadReply, readThreads } from './read-threads.ts'
import { placeOfAsk, recordAt, threadState } from './records.ts'
import { type AskFiles, checkTexts, sourcesOf } from './sources.ts'
import { traceReader } from './trace.ts'

type Parts = {
  readonly engine: Engine
  readonly activity: Activity
  readonly threads: ThreadActors
  readonly values: Pick<Blobs, 'put'>
  readonly budgets: Pick<Budgets, 'set' | 'get'>
  /** Checks that this runtime has memories. Error `memory_not_shared` on a cluster. */
  readonly memory: (owner: string) => unknown
  readonly models: Pick<Models, 'lackOf' | 'find'>
  readonly toolbox: Toolbox
  /** tools of the program that texts from the network may name */
  readonly openTools: readonly string[]
  readonly rules: Pick<Rules, 'names'>
  /** absent: it is off */
  readonly ledger?: Pick<LedgerPort, 'balance' | 'receipt'>
  /** whether an owner has agreed to share prompts; absent: nobody may */
  readonly sharing?: PriorsPort['sharing']
  readonly itemsBelow: (of: ActorRef) => Promise<AskTrace['waits']>
  readonly readReply: ReadReply
  readonly filesOf: FilesOfThread
  readonly files: AskFiles
  readonly ids: {
    /** Whether a run has this id. */
    isRun(id: string): Promise<boolean>
    /** Throws an InvalidError for the id of new work that a run or a goal gives to its own children. */
    rejectChild(id: string): Promise<void>
  }
  /** answers are remembered unless a question says otherwise */
  readonly remember: boolean
  readonly admit: Admit
}
/** Threads and questions of a runtime, as its ports offer them. */
export type OpenThreads = {
  readonly port: Omit<ThreadsPort, 'name' | 'remove'>
  readonly inbox: ThreadInbox
  readonly serving: ThreadServing
}

export function openThreads(parts: Parts): OpenThreads {
  const { engine, activity, threads, values, budgets, sharing, memory, remember, admit, ids } = parts
  const { askEvents, askEnded, ownerOfThread, takeUp } = threads
  const { numberOf, ...reads } = readThreads(engine, parts.readReply, parts.filesOf)
  const ofAsk: ThreadServing['threadOfAsk'] = (ask, where) => threadOfAsk(engine.view, ask, where)

  /** Whether this is another question under the same id, or one on another's thread. */
  async function isNew({ thread, id, owner }: AskRequest): Promise<boolean> {
    const whose = await ownerOfThread(thread)
    if (whose !== undefined && whose !== (owner ?? LOCAL_OWNER)) return false
    return id === undefined || (await numberOf(thread, id)) === undefined
  }

  async function workOf(thread: string, id: string): Promise<string> {
    const state = await threadState(engine.view, thread)
    return openAsks(state!).find((ask) => askIdOf(thread, ask.id) === id)?.id ?? id
  }

  const ask: ThreadsPort['ask'] = async (request, { signal } = {}): Promise<Answer> => {
    const { prompt, thread, owner, id = newId(), budget, files = [], texts = [], tools = [], trusted = true } = request
    if (!trusted && tools.length > 0 && (await isNew(request))) checkOpenNames(tools, parts, 'tools')
    if (request.models && (await isNew(request))) checkModels(request.models, parts.models)
    if (request.about !== undefined && (await isNew(request))) checkModel('about', request.about, parts.models)
    if (texts.length === 0) await checkTexts(files)
    if (request.memory && namesMemory(request.memory)) memory(owner ?? LOCAL_OWNER)
    if (request.id !== undefined) await checkFree(engine, ids, { ...request, id })
    await admit(owner, () => isNew(request))
    await takeUp(thread)
    if (budget !== undefined && (await isNew(request)))
      await budgets.set(scopeOf('thread', thread), budget, ownerField(owner))
    const about = request.about && (parts.models.find(request.about) ?? request.about)
    const sources = await sourcesOf({ ...request, ...present({ about }) }, values, parts.files).catch(
      async (error: unknown) => {
        // a folder may be empty by now; the answer under this id stays
        if (await isNew(request)) throw error
        return []
      },
    )
    const remembered = { remember, ...request.memory }
    const isAgreed = sharing && request.share === undefined && (await sharing(ownerField(owner))).agreed
    const body = {
      type: 'ask',
      prompt,
      sources,
      ...choicesOf(request, parts.rules.names),
      ...(isAgreed && { share: 'agreed' }),
      ...(request.id !== undefined && { options: optionsDigest(request) }),
      ...(request.memory !== false && { memory: remembered }),
      ...ownerField(owner),
    }
    // the work continues after this caller leaves, so a separate caller tracks it
    const answered = engine.ask(threadRef(thread), body, { id, correlationId: id })
    const followed = request.recursion === 'step' ? threads.untilResting(thread, id, answered) : answered
    activity.track({ kind: 'ask', id }, followed)
    threads.noteAsk(thread, owner, answered)
    const awaited = signal ? engine.ask(threadRef(thread), body, { id, correlationId: id, signal }) : answered
    // of two questions with one id that came at once, the thread took the first
    const reply = await awaited.finally(() => request.id !== undefined && checkSameAsk(engine.view, { ...request, id }))
    return answerOf(id, thread, reply as AskReply)
  }

  const port: OpenThreads['port'] = {
    ...reads,
    async open({ id, name, owner }) {
      await admit(owner)
      await engine.ask(threadRef(id), { type: 'open', ...(name !== undefined && { name }), ...ownerField(owner) })
    },
    ask,
    async startAsk({ id: given, ...request }) {
      const id = given ?? newId()
      // events of another question under this id would look like those of this one
      if (given !== undefined && (await engine.view.asked(id))) await checkSameAsk(engine.view, { ...request, id })
      const answered = ask({ ...request, id })
      await threads.untilTaken(request.thread, id, answered)
      if (given !== undefined) await checkSameAsk(engine.view, { ...request, id })
      return { id }
    },
    trace: traceReader({ ...parts, threadOfAsk: ofAsk, getAsk: reads.getAsk }),
    async resumeAsk(thread, id) {
      // NotFoundError if it does not exist
      const { status } = await reads.getAsk(thread, id)
      await takeUp(thread)
      // it goes on already
      if (isAtWork({ status })) return
      await engine.ask(threadRef(thread), { type: 'resume' }, { correlationId: id })
      activity.track({ kind: 'ask', id }, threads.untilResting(thread, id))
    },
    async cancelAsk(thread, id, reason) {
      const { status } = await reads.getAsk(thread, id)
      if (!isAtWork({ status })) throw tooLate(id, status)
      await engine.cancel(threadRef(thread), await workOf(thread, id), reason)
    },
    askEvents,
  }

  return {
    port,
    inbox: { ...threadDecisions({ engine, activity, threads }), ...threadConsents(engine) },
    serving: { askEnded, ownerOfThread, threadOfAsk: ofAsk },
  }
}

/** On engines with ids per actor, two askers with the same id would share the answer. */
async function checkFree(
  { view }: Pick<Engine, 'view'>,
  ids: Parts['ids'],
  request: AskRequest & { readonly id: string },
): Promise<void> {
  const { id, thread } = request
  const [asked, message] = await Promise.all([id, workOfMessage(thread, id)].map((one) => view.asked(one)))
  const isOther = asked !== undefined && nameOf(asked) !== nameOf(threadRef(thread))
  if (isOther || message || (await ids.isRun(id))) throw idTakenError(`the id ${id} is taken`)
  if (asked === undefined) await ids.rejectChild(id)
  else await checkSameAsk(view, request)
}

const newId = () => `ask_${randomUUID()}`

function tooLate(id: string, status: string): InvalidError {
  return new InvalidError(`The ask ${id} has ended: it is ${status}.`, { code: 'ask_over' })
}

function checkModels(choice: ModelChoice, models: Pick<Models, 'lackOf'>): void {
  for (const [phase, names] of Object.entries(choice))
    for (const name of [names].flat()) checkModel(`models.${phase}`, name, models)
}

/** Refuses a model that does not exist. One whose key is missing may be asked: the key may come. */
function checkModel(path: string, name: string, { lackOf }: Pick<Models, 'lackOf'>): void {
  const lack = lackOf(name)
  if (!lack || lack.id !== undefined) return
  throw new InvalidError(`\`${path}\`: ${lack.message}`, {
    code: 'no_eligible_model',
    hint: lack.hint,
    place: { path },
  })
}

/** Whether an ask needs a memory: without one, nothing is learned anyway. */
const namesMemory = ({ learn: _, ...named }: object & { readonly learn?: false }) => Object.keys(named).length > 0

/** Names of tools that came from the network name none of the program. A domain is part of the program. */
const originOf = ({ tools }: AskRequest) => ({ untrusted: true as const, ...(tools && { foreign: true as const }) })

/** The settings by which phases, pools and models are chosen, and whether it may take further cycles. */
function choicesOf(request: AskRequest, rules: readonly string[]) {
  const { models, modality, domain, recursion, quick, checks, priority, tools, web, share, priors } = request
  const origin = {
    ...(request.trusted === false && originOf(request)),
    ...(rules.length > 0 && { workFor: withRules({}, rules) }),
  }
  const asked = { ...(tools && { names: tools }), ...(Object.keys(origin).length > 0 && { origin }) }
  return {
    ...present({ models, modality, domain, recursion, checks, priority, priors }),
    ...(share && { share }),
    ...(quick && { quick }),
    ...(web === false && { web }),
    ...(Object.keys(asked).length > 0 && { tools: asked }),
  }
}

/**
 * A digest of the options of a request, which its thread keeps with the id; empty for a prompt alone. A file counts by
 * its path. Rights, urgency and budgets do not count.
 */
function optionsDigest({ memory, ...request }: AskRequest): string {
  const { about, models, modality, domain, recursion, quick, checks, tools, web, share, priors } = request
  const files = request.files?.map((path) => resolve(path))
  const texts = request.texts?.map(({ name, text, base64 }) => [name, hash('sha256', text ?? base64 ?? '')])
  const { learn: _, ...used } = memory || {}
  const options = { about, models, modality, domain, recursion, quick, checks, tools, web, share, priors, files, texts }
  const given = Object.entries({ ...options, memory: memory === false ? memory : used }).filter(([, one]) =>
    isGiven(one),
  )
  return given.length === 0 ? '' : hash('sha256', canonicalJson(Object.fromEntries(given)), 'base64url').slice(0, 22)
}

const isGiven = (option: unknown) =>
  option !== undefined && (typeof option !== 'object' || Object.keys(Object(option)).length > 0)

/** Checks a request with a used id: the prompt and given options are the same. Error `id_taken` if they are not. */
async function checkSameAsk(
  view: Pick<EngineView, 'parts'>,
  request: AskRequest & { readonly id: string },
): Promise<void> {
  const { thread, id, prompt } = request
  const asked = await placeOfAsk(view.parts, thread, id)
  const record = asked && (await recordAt(view.parts, thread, asked.n))
  if (record && record.prompt !== prompt) throw idTakenError(`the id ${id} belongs to another question`)
  const [digest, before = digest] = [optionsDigest(request), asked?.options]
  if (digest !== '' && digest !== before)
    throw idTakenError(`the id ${id} belongs to a question with other options or texts`)
}
