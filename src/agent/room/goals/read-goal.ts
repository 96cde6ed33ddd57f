import type { EngineView, ListedActor } from '../../../engine/engine.ts'
import { goalRef, KIND } from '../../../house/actors.ts'
import { byStart, type ListQuery, placeIn } from '../../../house/paging.ts'
import type { Json } from '../../../kernel/json.ts'
import { readSinglePart } from '../../../kernel/parts.ts'
import { parseRef } from '../../../kernel/ref.ts'
import type { ActorIndex } from '../../../kernel/types.ts'
import { clip } from '../../../lib/clip.ts'
import { present } from '../../../lib/json/present.ts'
import { filesOfNote, textOfNote, toRef } from '../../../lib/media/file-ref.ts'
import { ownerFilter, ownerOf } from '../../../lib/owner.ts'
import { runOfPlaybook } from '../../../run/ids.ts'
import { behindIn, placeInQueue } from '../../../run/later/queue-place.ts'
import { readStepPart } from '../../../step/messages/step-parts.ts'
import { hasEnded } from '../../../step/record/outcome.ts'
import type { WorkFor } from '../../../work/origin/call-for.ts'
import { systemOf } from '../../context/context-of.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { MEMORY_PART } from '../../memory/recall.ts'
import { followedNote } from '../../playbook/playbook.ts'
import { findStartOf } from '../../protocol/messages.ts'
import { writtenMessage } from '../../protocol/replies.ts'
import { type CallOutput, madeBy, type Round, roundPart } from '../../protocol/rounds.ts'
import { type GoalState, goalIndex, peekGoal } from '../../protocol/state.ts'
import type { GoalWait } from '../../protocol/stored-goal.ts'
import type { CallDocument, GoalDocument, GoalSummary, RoundDocument } from './documents.ts'
import { budgetOfGoal, spentOfGoal } from './spent-of-goal.ts'

/** Which goals to list. */
export type GoalsQuery = ListQuery & { readonly status?: string; readonly agent?: string }

/** Reads goals from an engine. The index of a goal says since when its run waits for a person; undefined: never. */
type GoalReader = Pick<EngineView, 'peek' | 'parts' | 'list'> & {
  awaitedSince(index: ActorIndex): Promise<number | undefined>
}

/** Reads a goal with its rounds; undefined when there is none. `values` has what is stored by hash. */
export async function readGoal(
  view: GoalReader,
  id: string,
  values: {
    definitionOf(hash: string): Promise<Partial<AgentDefinition>>
    contextOf(workFor: WorkFor | undefined): Promise<Json | undefined>
  },
): Promise<GoalDocument | undefined> {
  const of = goalRef(id)
  const state = await peekGoal(view, id)
  if (!state) return undefined
  const read = (name: string) => readSinglePart(view.parts, of, name)
  const { goal, files, definition, workFor, changed } = (await findStartOf(id, view.parts))!
  const described = await values.definitionOf(definition)
  const { toolNotes, show } = described
  const context = await values.contextOf(workFor)
  const numbers = Array.from({ length: state.rounds }, (_, index) => index + 1)
  const rounds = await Promise.all(
    numbers.map(async (number) => {
      const round = roundDocument(id, number, (await read(roundPart(number))) as Round)
      return state.undo ? withUndo(view, round) : round
    }),
  )
  const [answer, output, recalled] = await Promise.all([read('answer'), read('output'), read(MEMORY_PART)])
  const { followed, playbook = followed } = state
  const isAwaited = (await view.awaitedSince(goalIndex(state))) !== undefined
  const { agent, startedAt, finishedAt, cacheRead, cacheWrite, limits, wait } = state
  const { tokens, cost } = await spentOfGoal(view, id, state)
  const { rating, lacks, problem, undo, handedTo, parent } = state
  const message = writtenMessage(state)
  return {
    id,
    agent,
    owner: ownerOf(state),
    status: isAwaited ? 'waiting' : state.status,
    goal,
    ...(files && { files }),
    startedAt,
    rounds,
    tokens,
    ...present({ cacheRead, cacheWrite }),
    cost,
    limits,
    ...present({ toolNotes, show }),
    ...(described.instructions !== undefined && described.skills && { system: systemOf(described as AgentDefinition) }),
    ...(typeof recalled === 'string' && { recalled }),
    ...(state.estimated && { estimated: true }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(playbook !== undefined && { playbook: playbookOf(id, playbook, state) }),
    ...(undo && { undo: { undone: undo.undone, failed: undo.failed } }),
    ...(handedTo && { handedTo }),
    ...(parent && { parent: 'thread' in parent ? { thread: parent.thread } : parent }),
    ...(wait && { wait: await waitDocument(view, id, wait) }),
    ...present({ rating, message, changed: changed && [...changed] }),
    ...(typeof answer === 'string' && { answer }),
    ...present({ output, context, answerFiles: state.files }),
    ...(lacks && { degraded: true, lacks }),
    ...(problem && { problem }),
  }
}

type WaitDocument = NonNullable<GoalDocument['wait']>

async function waitDocument(view: GoalReader, id: string, wait: GoalWait): Promise<WaitDocument> {
  if (wait.type === 'stuck') return { ...wait, code: 'agent_stuck' }
  if (wait.type !== 'queue') return wait as WaitDocument
  const { queue, ...shown } = wait
  const { key, place, behind, until } = (await placeInQueue(view, parseRef(queue), goalRef(id))) ?? { behind: [] }
  return { ...shown, ...present({ key, place, behind: behind.map((work) => work.id), until }) }
}

function playbookOf(goal: string, name: string, state: GoalState): NonNullable<GoalDocument['playbook']> {
  const { rounds, followed } = state
  const note = followed === undefined ? `follows playbook ${name}` : followedNote(name, rounds)
  return { name, run: runOfPlaybook(goal), note }
}

function roundDocument(
  goal: string,
  round: number,
  { at, said, files: answerFiles, calls, told: notes, reduced, again, run, message, model, tokens, cost }: Round,
): RoundDocument {
  const texts = said.flatMap((part) => (part.type === 'text' ? [String(part.text)] : []))
  const files = (notes ?? []).flatMap(filesOfNote)
  return {
    round,
    text: texts.join(''),
    ...present({ at, message, answerFiles, model, tokens, cost }),
    ...(notes && { told: notes.map(textOfNote) }),
    ...(files.length > 0 && { files }),
    ...present({ reduced, again }),
    ...(calls.some(({ step }) => step !== undefined) && {
      run: madeBy(goal, round, { ...(run !== undefined && { run }) }),
    }),
    calls: calls.map(
      ({ tool, parameters, asked, step, result, said, late }): CallDocument => ({
        tool,
        parameters,
        ...present({ asked, step }),
        ...(result && resultFields(result)),
        ...(said && { said }),
        ...(late && { late: { outcome: late.outcome, result: late.output } }),
      }),
    ),
  }
}

const resultFields = ({ outcome, output, tail, characters, files }: CallOutput) => ({
  outcome,
  result: output,
  ...(files && { files: files.map(toRef) }),
  ...(characters !== undefined && { truncated: true as const, characters }),
  ...(tail !== undefined && { tail }),
})

/** The round with the marks that an undo left in the steps of its run. */
async function withUndo(view: Pick<EngineView, 'parts'>, round: RoundDocument): Promise<RoundDocument> {
  const { run } = round
  if (run === undefined) return round
  const undoOf = async (step: string) => {
    const part = await readStepPart(view.parts, run, step)
    return hasEnded(part) ? part.undo : undefined
  }
  const calls = round.calls.map(async (call): Promise<CallDocument> => {
    const undo = call.step === undefined ? undefined : await undoOf(call.step)
    if (!undo) return call
    return { ...call, undone: undo.undone, ...(undo.problem && { undoError: undo.problem.message }) }
  })
  return { ...round, calls: await Promise.all(calls) }
}

/** Lists goals by start, the newest first. One whose call waits for a person is `waiting`, although its actor runs. */
export async function listGoals(
  view: GoalReader,
  { status, limit = 100, ...query }: GoalsQuery,
): Promise<readonly GoalSummary[]> {
  if (status !== 'running' && status !== 'waiting')
    return listPage(view, { ...query, limit, ...(status !== undefined && { status }) })
  // the index knows both as running
  const running = await listShown(view, { ...query, limit, status: 'running' }, status)
  if (status === 'running') return running
  const waiting = await listPage(view, { ...query, limit, status })
  return [...running, ...waiting].sort((one, other) => other.startedAt - one.startedAt).slice(0, limit)
}

/** The first goals of a list that show a status. */
async function listShown(
  view: GoalReader,
  { limit, ...query }: GoalsQuery & { readonly limit: number },
  shown: string,
): Promise<readonly GoalSummary[]> {
  const found: GoalSummary[] = []
  for (let { after } = query; ; ) {
    const next = await listPage(view, { ...query, limit, ...(after !== undefined && { after }) })
    found.push(...next.filter(({ status }) => status === shown))
    if (next.length < limit || found.length >= limit) return found.slice(0, limit)
    after = byStart(next.at(-1)!)
  }
}

async function listPage(
  view: GoalReader,
  { status, agent, owner, after, limit = 100 }: GoalsQuery,
): Promise<readonly GoalSummary[]> {
  const where = {
    ...ownerFilter(owner),
    ...present({ status, agent }),
  }
  const found = await view.list(KIND.goal, { where, sort: 'startedAt', descending: true, limit, ...placeIn(after) })
  return Promise.all(found.map((one) => summaryOf(view, one)))
}

/** Characters of a goal in a list. */
const MAX_SHOWN = 200

async function summaryOf(view: GoalReader, { key, index }: ListedActor): Promise<GoalSummary> {
  const { status, root: run, goal, thread, since = await view.awaitedSince(index), later, until, waits } = index
  const parent = {
    ...(run !== undefined && { run: String(run) }),
    ...(goal !== undefined && { goal: String(goal) }),
    ...(thread !== undefined && { thread: String(thread) }),
  }
  const start = await findStartOf(key, view.parts)
  return {
    id: key,
    owner: ownerOf(index),
    agent: String(index.agent),
    goal: clip(start?.goal ?? '', MAX_SHOWN),
    // a goal that has ended stays so, also while a person is asked what its calls did
    status: since === undefined || index.finishedAt !== undefined ? String(status) : 'waiting',
    startedAt: Number(index.startedAt),
    rounds: Number(index.rounds),
    cost: Math.max(Number(index.cost), (await budgetOfGoal(view, key)).cost),
    ...(index.finishedAt !== undefined && { finishedAt: Number(index.finishedAt) }),
    ...(since !== undefined && { since: Number(since) }),
    ...(later === 'timed' && { startsAt: Number(until) }),
    ...(later === 'queued' && { behind: [...(await behindIn(view, parseRef(String(waits))))] }),
    ...(Object.keys(parent).length > 0 && { parent }),
  }
}
