import { peekGoal } from '../../agent/protocol/state.ts'
import type { EngineView, ListedActor } from '../../engine/engine.ts'
import { KIND } from '../../house/actors.ts'
import { ownerOf } from '../../lib/owner.ts'
import { peekRun } from '../../run/records.ts'
import { lastRecord } from '../../thread/room/reports.ts'
import { type NoticeItem, noticeId } from '../item.ts'
import { threadOf } from './waiting.ts'

const PAGE = 1000

/** Finds the work that has failed since a time: runs, goals and questions that no other work has started. */
export function failureFinder(view: EngineView): (from: number) => Promise<readonly NoticeItem[]> {
  const known = new Map<string, { readonly at: number; readonly item: NoticeItem | undefined }>()

  async function each({ kind, time, read }: Source, from: number): Promise<readonly NoticeItem[]> {
    const found: NoticeItem[] = []
    for (let after: { readonly after?: string; readonly at?: string | number } = {}; ; ) {
      // the indexes of lists cover this order, and none covers the order by end
      const where = { aside: null, status: 'failed' }
      const page = await view.list(kind, { where, sort: 'startedAt', descending: true, limit: PAGE, ...after })
      for (const one of page) {
        const at = Number(one.index[time])
        if (!(at >= from) || isBelowOther(one)) continue
        const name = `${kind}/${one.key}@${at}`
        const { item } = known.get(name) ?? { item: await read(view, one, at) }
        known.set(name, { at, item })
        if (item) found.push(item)
      }
      const last = page.at(-1)
      if (!last || page.length < PAGE) return found
      const { startedAt } = last.index
      after = { after: last.key, ...(startedAt !== undefined && { at: startedAt }) }
    }
  }

  return async (from) => {
    for (const [name, { at }] of known) if (at < from) known.delete(name)
    return (await Promise.all(SOURCES.map((source) => each(source, from)))).flat()
  }
}

type Source = {
  readonly kind: string
  /** the index field with the time of the end */
  readonly time: string
  read(view: EngineView, of: ListedActor, at: number): Promise<NoticeItem | undefined>
}

const SOURCES: readonly Source[] = [
  { kind: KIND.run, time: 'finishedAt', read: failedRun },
  { kind: KIND.goal, time: 'finishedAt', read: failedGoal },
  { kind: KIND.thread, time: 'updatedAt', read: failedAsk },
]

/** The work above hears of the failure, and it fails itself or goes on. */
const isBelowOther = ({ index }: ListedActor) => index.root !== undefined || index.goal !== undefined

async function failedRun(view: EngineView, { key: run, index }: ListedActor, since: number): Promise<NoticeItem> {
  const problem = (await peekRun(view, run))?.problem
  const about = {
    event: 'failed',
    kind: KIND.run,
    owner: ownerOf(index),
    since,
    run,
    pipeline: String(index.name),
  } as const
  return { id: noticeId(['failed', 'run', run, since]), ...about, ...codeOf(problem) }
}

async function failedGoal(view: EngineView, { key: goal, index }: ListedActor, since: number): Promise<NoticeItem> {
  const state = await peekGoal(view, goal)
  const about = {
    event: 'failed',
    kind: 'goal',
    owner: ownerOf(index),
    since,
    goal,
    agent: String(index.agent),
  } as const
  const problem = state && 'problem' in state ? (state.problem as { readonly code?: string }) : undefined
  return { id: noticeId(['failed', 'goal', goal, since]), ...about, ...threadOf(state), ...codeOf(problem) }
}

/** The last question of a thread. The failure of one that an agent answers is that of its goal. */
async function failedAsk(
  view: EngineView,
  { key: thread, index }: ListedActor,
  at: number,
): Promise<NoticeItem | undefined> {
  const record = await lastRecord(view, thread)
  if (record?.status !== 'failed' || record.goal !== undefined) return undefined
  const about = { event: 'failed', kind: 'ask', owner: ownerOf(index), since: record.endedAt ?? at, thread } as const
  return { id: noticeId(['failed', 'ask', thread, record.id]), ...about, ask: record.id, ...codeOf(record.problem) }
}

const codeOf = (problem: { readonly code?: string } | undefined) =>
  problem?.code === undefined ? {} : { code: problem.code }
