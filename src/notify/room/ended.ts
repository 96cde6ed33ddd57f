import { peekGoal } from '../../agent/protocol/state.ts'
import { type EngineView, inspectOne, type ListedActor } from '../../engine/engine.ts'
import { KIND } from '../../house/actors.ts'
import { parseRef } from '../../kernel/ref.ts'
import { portionsOf } from '../../lib/collections/portions.ts'
import { ownerOf } from '../../lib/owner.ts'
import { peekRun } from '../../run/run.ts'
import type { AskRecord } from '../../thread/protocol/ask-state.ts'
import { recordAt, threadState } from '../../thread/room/records.ts'
import { type EndEvent, isEndEvent, type NoticeItem, noticeId } from '../item.ts'
import type { NoticeHouse } from './needs.ts'
import { threadOf } from './waiting.ts'

const PAGE = 1000
/** Older questions behind which none is looked for: one that waits may be cancelled before an earlier one ends. */
const MAX_OLDER = 100
/** Actors that are read at a time. */
const AT_ONCE = 32

type Needs = Pick<NoticeHouse, 'engine' | 'costOfRun' | 'watch'>

/**
 * Finds the work that has ended in one of these ways since a time: runs, goals and questions that no other work has
 * started. The first look lists all work. Where the engine tells which actors change, each later look reads these only.
 */
export function endedFinder({ engine, costOfRun, watch }: Needs, events: ReadonlySet<EndEvent>) {
  const { view } = engine
  const known = new Map<string, { readonly at: number; readonly items: readonly NoticeItem[] }>()
  const changed = new Set<string>()
  let isFollowing = false
  const isWanted = (status: unknown) => isEndEvent(status) && events.has(status)
  const end = watch?.((actor) => actor.slice(0, actor.indexOf('/')) in TIME_OF && changed.add(actor)) ?? (() => {})

  async function read(kind: Kind, { key, index }: ListedActor, from: number): Promise<void> {
    const [name, at] = [`${kind}/${key}`, Number(index[TIME_OF[kind]])]
    // the work above hears of the end, and it ends itself or goes on
    if (!(at >= from) || known.get(name)?.at === at || index.root !== undefined || index.goal !== undefined) return
    if (kind !== KIND.thread && !isWanted(index.status)) return
    const items = await itemsOf({ view, costOfRun }, kind, { key, index }, from)
    known.set(name, { at, items: items.filter(({ event }) => isWanted(event)) })
  }

  async function list(kind: Kind, status: string | undefined, from: number): Promise<void> {
    // the indexes of lists cover this order, and none covers the order by end
    const where = { aside: null, ...(status !== undefined && { status }) }
    for (let after: { readonly after?: string; readonly at?: string | number } = {}; ; ) {
      const page = await view.list(kind, { where, sort: 'startedAt', descending: true, limit: PAGE, ...after })
      for (const some of portionsOf(page, AT_ONCE)) await Promise.all(some.map((one) => read(kind, one, from)))
      const last = page.at(-1)
      if (!last || page.length < PAGE) return
      const { startedAt } = last.index
      after = { after: last.key, ...(startedAt !== undefined && { at: startedAt }) }
    }
  }

  async function readChanged(name: string, from: number): Promise<void> {
    changed.delete(name)
    // two changes of a thread may have the same time
    known.delete(name)
    try {
      const { kind, key } = parseRef(name)
      const index = (await inspectOne(view, { kind, key }))?.cell?.index
      if (index && index.aside === undefined) await read(kind as Kind, { key, index }, from)
    } catch (error) {
      changed.add(name)
      throw error
    }
  }

  return {
    end,
    async find(from: number): Promise<readonly NoticeItem[]> {
      for (const [name, { at }] of known) if (at < from) known.delete(name)
      if (isFollowing)
        for (const some of portionsOf([...changed], AT_ONCE))
          await Promise.all(some.map((name) => readChanged(name, from)))
      else {
        for (const status of events) for (const kind of [KIND.run, KIND.goal] as const) await list(kind, status, from)
        // a thread that answers its next question has another status
        for (const status of watch ? [undefined] : events) await list(KIND.thread, status, from)
      }
      isFollowing = watch !== undefined
      return [...known.values()].flatMap(({ items }) => items)
    },
  }
}

/** The index field with the time of the end, for each kind of work. */
const TIME_OF = { [KIND.run]: 'finishedAt', [KIND.goal]: 'finishedAt', [KIND.thread]: 'updatedAt' } as const
type Kind = keyof typeof TIME_OF

type Reading = Pick<NoticeHouse, 'costOfRun'> & { readonly view: EngineView }

/** The end of this work, or those of the questions of a thread since a time. */
async function itemsOf(reading: Reading, kind: Kind, of: ListedActor, from: number): Promise<readonly NoticeItem[]> {
  if (kind === KIND.thread) return askItems(reading.view, of, from)
  return [await (kind === KIND.run ? runItem(reading, of) : goalItem(reading.view, of))]
}

async function runItem({ view, costOfRun }: Reading, { key: run, index }: ListedActor): Promise<NoticeItem> {
  const cost = await costOfRun(run)
  return {
    ...endOf('run', run, index),
    run,
    pipeline: String(index.name),
    ...(cost !== undefined && { cost }),
    ...codeOf((await peekRun(view, run))?.problem),
  }
}

async function goalItem(view: EngineView, { key: goal, index }: ListedActor): Promise<NoticeItem> {
  const state = await peekGoal(view, goal)
  const problem = state && 'problem' in state ? (state.problem as { readonly code?: string }) : undefined
  const about = { goal, agent: String(index.agent), cost: Number(index.cost) }
  return { ...endOf('goal', goal, index), ...about, ...threadOf(state), ...codeOf(problem) }
}

const endOf = (
  kind: 'run' | 'goal',
  key: string,
  { status, startedAt, finishedAt, ...index }: ListedActor['index'],
) => ({
  id: noticeId([String(status), kind, key, Number(finishedAt)]),
  event: status as EndEvent,
  kind,
  owner: ownerOf(index),
  since: Number(finishedAt),
  duration: Number(finishedAt) - Number(startedAt),
})

/** The ends of questions that phases answer. The end of one that an agent answers is that of its goal. */
async function askItems(view: EngineView, { key: thread, index }: ListedActor, from: number): Promise<NoticeItem[]> {
  const items: NoticeItem[] = []
  let older = 0
  for (let n = (await threadState(view, thread))?.asks ?? 0; n > 0 && older < MAX_OLDER; n--) {
    const record = await recordAt(view.parts, thread, n)
    if (record?.endedAt === undefined) continue
    if (record.endedAt < from) older++
    else if (record.goal === undefined) items.push(askItem(record, record.endedAt, thread, ownerOf(index)))
  }
  return items
}

function askItem(record: AskRecord, since: number, thread: string, owner: string): NoticeItem {
  const { id: ask, status, askedAt, problem } = record
  return {
    id: noticeId([status, 'ask', thread, ask]),
    event: status as EndEvent,
    kind: 'ask',
    owner,
    since,
    thread,
    ask,
    duration: since - askedAt,
    ...codeOf(problem),
  }
}

const codeOf = (problem: { readonly code?: string } | undefined) =>
  problem?.code === undefined ? {} : { code: problem.code }
