import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { peekGoal } from '../../agent/protocol/state.ts'
import { phaseWaitItems } from '../../chain/room/inbox-items.ts'
import { type ActorListQuery, type EngineView, inspectOne, type ListedActor } from '../../engine/engine.ts'
import { goalRef, KIND, runRef, threadRef } from '../../house/actors.ts'
import { listAll, placeIn } from '../../house/paging.ts'
import { unlessDamaged } from '../../kernel/faults.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { ownerFilter, ownerOf } from '../../lib/owner.ts'
import type { MemoryPort } from '../../memory/room/open-port.ts'
import { STEPS } from '../../pipeline/room/step-items.ts'
import { type InboxReader, type InboxSource, type ShownContent, waitsForBudget } from '../../run/room/inbox-source.ts'
import { nameIn } from '../../thread/protocol/thread-name.ts'
import type { FactItem, GoalItem, InboxItem } from '../../thread/room/documents/inbox.ts'
import { threadItems } from '../../thread/room/inbox-items.ts'
import type { WorkFor } from '../../work/origin/call-for.ts'
import { IN_INBOX, needsMoney } from '../../work/wait.ts'
import type { InboxQuery, ListInbox } from './port.ts'
import { linksOf } from './waits-for.ts'

/** Goals that wait for a person or for money. */
const GOALS: InboxSource<InboxItem> = { kind: KIND.goal, itemsOf: goalItems }

/** Threads whose ask waits, and threads with a question to their user. */
const THREADS: InboxSource<InboxItem> = {
  kind: KIND.thread,
  itemsOf: ({ view }, listed) => threadItems(view, listed, (about, current) => phaseWaitItems(view, about, current)),
}

/** Actors that may wait for people: steps of runs, questions and goals. A run has only steps. */
const SOURCES: readonly InboxSource<InboxItem>[] = [STEPS, THREADS, GOALS]

/** A list of everything that waits for people, the longest wait first. */
export function runtimeInbox(from: InboxReader, memory: MemoryPort): ListInbox {
  const list = async ({ owner, agent, tool, after, limit = 100, content, ...work }: InboxQuery = {}) => {
    const named = present({ run: work.run, agent, tool })
    const where = { ...IN_INBOX, ...ownerFilter(owner), ...named }
    const query = { ...placeIn(after), limit, where }
    const within = withinOf(work)
    if (within) {
      const waiting = (await waitingWithin(from.view, within, owner)).filter(({ index }) => hasAll(index, named))
      return upTo(await itemsAmong(from, waiting, query, content), limit).map(({ item }) => item)
    }
    const shown = content === 'whole' ? undefined : content
    const placed = await collect(from, sourcesFor(named), query, shown)
    if (Object.keys(named).length > 0) return placed.map(({ item }) => item)
    const all = [...placed, ...(await proposals(memory, query, owner, shown))]
    return upTo(all.toSorted(byPlace), limit).map(({ item }) => item)
  }
  return list as ListInbox
}

/** A text that differs when the inbox of an owner, or of all, has changed. Only the contents of threads are read. */
export async function inboxMark(from: InboxReader, memory: MemoryPort, owner?: string): Promise<string> {
  const digest = createHash('sha256')
  const where = { ...IN_INBOX, ...ownerFilter(owner) }
  for (const source of SOURCES)
    for await (const listed of listAll(from.view, source.kind, where))
      digest.update(JSON.stringify(source === THREADS ? await source.itemsOf(from, listed, 'none') : listed))
  return digest.update(JSON.stringify(await proposalItems(memory, owner, 'none'))).digest('base64')
}

function withinOf({ run, goal, thread }: Pick<InboxQuery, 'run' | 'goal' | 'thread'>): ActorRef | undefined {
  if (run !== undefined) return runRef(run)
  if (goal !== undefined) return goalRef(goal)
  return thread === undefined ? undefined : threadRef(thread)
}

type Named = { readonly agent?: string; readonly tool?: string }

/** The kinds of actors that may have all that a query names. */
function sourcesFor({ agent, tool }: Named): readonly InboxSource<InboxItem>[] {
  if (tool !== undefined) return [STEPS]
  return agent === undefined ? SOURCES : [STEPS, GOALS]
}

const hasAll = (index: ActorIndex, named: object) =>
  Object.entries(named).every(([name, value]) => index[name] === value)

/** Limits of a look below an actor: other actors per actor, and depth, as `why` has them. */
const BELOW = { others: 20, depth: 12 } as const

/** The items that an actor waits for, and those of the actors that it waits for. It goes on without a consent. */
export async function itemsBelow(
  from: InboxReader,
  of: ActorRef,
  path: readonly string[] = [],
): Promise<readonly InboxItem[]> {
  const actor = await inspectOne(from.view, of)
  if (!actor) return []
  const index = actor.cell?.index ?? {}
  const source = index.inbox === IN_INBOX.inbox && SOURCES.find(({ kind }) => kind === of.kind)
  const listed = source ? await source.itemsOf(from, { key: of.key, index }, undefined) : []
  const own = listed.filter(({ kind }) => kind !== 'consent')
  if (path.length >= BELOW.depth) return own
  const within = [...path, nameOf(of)]
  const others = (await linksOf(from.view)(actor)).filter((other) => !within.includes(nameOf(other)))
  const below = others.slice(0, BELOW.others).map((other) => itemsBelow(from, other, within))
  return [...own, ...(await Promise.all(below)).flat()]
}

/** An item with its position in the list. */
type Placed = { readonly key: string; readonly at: number; readonly item: InboxItem }

/** The items of some actors after a position, in the order of the list. The contents of later ones are not read. */
async function itemsAmong(
  from: InboxReader,
  waiting: readonly WaitingActor[],
  query: Pick<ActorListQuery, 'at' | 'after'> & { readonly limit: number },
  content: ShownContent,
): Promise<readonly Placed[]> {
  const items: Placed[] = []
  for (const [read, { key, at, kind, index }] of waiting.filter(isAfter(query)).toSorted(byPlace).entries()) {
    if (items.length >= query.limit && byPlace({ key, at }, items.at(-1)!) !== 0) break
    // a page may be long, and others work meanwhile
    if (read > 0 && read % ITEMS_AT_ONCE === 0) await setImmediate()
    const source = SOURCES.find((one) => one.kind === kind)!
    for (const item of await unlessDamaged(() => source.itemsOf(from, { key, index }, content), []))
      items.push({ key, at, item })
  }
  return items
}

type Place = Pick<Placed, 'key' | 'at'>

/** Whether a place comes after the position of a query. */
function isAfter({ at = Number.NEGATIVE_INFINITY, after = '' }: Pick<ActorListQuery, 'at' | 'after'>) {
  const last = { key: after, at: Number(at) }
  return (place: Place) => byPlace(place, last) > 0
}

async function proposals(
  memory: MemoryPort,
  query: Pick<ActorListQuery, 'at' | 'after'>,
  owner: string | undefined,
  shown: ShownContent,
): Promise<readonly Placed[]> {
  const items = await proposalItems(memory, owner, shown)
  const placed = items.map((item) => ({ key: `${item.owner}/${item.record}`, at: item.since, item }))
  return placed.filter(isAfter(query))
}

/** The proposed facts of an owner, or of all owners. They are read from their memories, where their texts stay. */
async function proposalItems(
  memory: MemoryPort,
  owner: string | undefined,
  shown: ShownContent,
): Promise<readonly FactItem[]> {
  const owners = (await memory.proposers()).filter((name) => owner === undefined || name === owner)
  const lists = owners.map(async (name) => {
    const proposals = await memory(name).proposals.list()
    return proposals.map(
      ({ id, learnedAt, space, source, subject, text, against, isOver }): FactItem => ({
        kind: 'fact',
        record: id,
        owner: name,
        since: learnedAt,
        space,
        source,
        title: 'May this fact be remembered?',
        ...(isOver && { isOver }),
        ...(shown !== 'none' && {
          text,
          ...(subject !== undefined && { subject }),
          ...(against && { against: { text: against.text, source: against.source } }),
        }),
        expects: { type: 'proposal', choices: ['accept', 'decline'] },
      }),
    )
  })
  return (await Promise.all(lists)).flat()
}

/** Actors whose items are read before others work. */
const ITEMS_AT_ONCE = 100

/** A page of items after a position, of all kinds in one order. Only its own actors are read. */
async function collect(
  from: InboxReader,
  sources: readonly InboxSource<InboxItem>[],
  query: ActorListQuery & { readonly limit: number },
  content: ShownContent,
): Promise<readonly Placed[]> {
  const items: Placed[] = []
  for (let place: ActorListQuery = query; ; ) {
    const wanted = query.limit - items.length
    const waiting = (
      await Array.fromAsync(sources, ({ kind }) =>
        listWaiting(from.view, kind, { ...place, sort: 'since', limit: wanted }),
      )
    ).flat()
    const page = upTo(waiting.toSorted(byPlace), wanted)
    items.push(...(await itemsAmong(from, page, { ...query, limit: wanted }, content)))
    const last = page.at(-1)
    // items that were answered since the listing no longer wait
    if (!last || page.length < wanted || items.length >= query.limit) return upTo(items, query.limit)
    place = { ...place, after: last.key, at: last.at }
  }
}

async function listWaiting(view: EngineView, kind: string, query: ActorListQuery): Promise<readonly WaitingActor[]> {
  return (await view.list(kind, query)).map((one) => ({ kind, ...one, at: Number(one.index.since) }))
}

const byPlace = (a: Place, b: Place): number => a.at - b.at || (a.key === b.key ? 0 : a.key < b.key ? -1 : 1)

/** The first items up to the limit. Items of one thread share one position and stay together. */
function upTo<One extends Place>(placed: readonly One[], limit: number): readonly One[] {
  const last = placed[limit - 1]
  return placed.filter((one, at) => at < limit || (last !== undefined && byPlace(one, last) === 0))
}

async function goalItems(from: InboxReader, { key: goal, index }: ListedActor): Promise<readonly GoalItem[]> {
  const { wait } = (await peekGoal(from.view, goal)) ?? {}
  if (!wait) return []
  const about = { goal, agent: String(index.agent), owner: ownerOf(index), since: wait.since, title: wait.title }
  if (wait.type === 'code' && wait.changes)
    return [{ kind: 'goal', ...about, changes: [...wait.changes], expects: { type: 'resume' } }]
  if (wait.type !== 'money') return [{ kind: 'goal', ...about, expects: { type: 'resume' } }]
  const isShort = await waitsForBudget(from, wait.scope, goalRef(goal))
  return isShort ? [{ kind: 'goal', ...about, ...needsMoney(wait.scope) }] : []
}

/** An actor that waits for people, with its kind and the start of its wait. */
type WaitingActor = ListedActor & Pick<ActorRef, 'kind'> & Pick<Placed, 'at'>

/**
 * The actors that wait for people in a run, a goal or a thread: itself, and the work below it, whose keys begin with
 * its key. With `owner`, only those of this owner.
 */
async function waitingWithin(
  view: EngineView,
  within: ActorRef,
  owner: string | undefined,
): Promise<readonly WaitingActor[]> {
  const where = { ...IN_INBOX, ...ownerFilter(owner) }
  const prefix = `${within.key}.`
  const steps = await listWaiting(view, KIND.step, { where, prefix })
  if (within.kind === KIND.run) return steps
  const below = [...steps, ...(await listWaiting(view, KIND.goal, { where, prefix }))]
  const index = (await inspectOne(view, within))?.cell?.index ?? {}
  const isWaiting = index.inbox === IN_INBOX.inbox && (owner === undefined || ownerOf(index) === owner)
  const own = isWaiting ? [{ ...within, index, at: Number(index.since) }] : []
  if (within.kind !== KIND.thread) return [...own, ...below.filter(({ key }) => OF_GOAL.test(key.slice(prefix.length)))]
  const isOf = await Promise.all(below.map((one) => worksFor(view, one, within.key)))
  return [...own, ...below.filter((_, at) => isOf[at])]
}

/** The rest of a key that begins with a goal: its rounds, or its playbook. A thread has such a name as well. */
const OF_GOAL = /^(?:\d|playbook)/

/** Whether a step or a goal works for the thread: the name of another thread may begin alike. */
async function worksFor(view: EngineView, { kind, key, index }: WaitingActor, thread: string): Promise<boolean> {
  const of = kind === KIND.step ? runRef(String(index.run)) : goalRef(key)
  const { workFor } = ((await readSinglePart(view.parts, of, 'start')) ?? {}) as { readonly workFor?: WorkFor }
  return workFor?.conversation === nameIn(thread, ownerOf(index))
}
