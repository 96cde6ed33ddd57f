import type { CallToolResult } from '@modelcontextprotocol/server'
import type { GoalDocument } from '../../agent/room/goals/port.ts'
import { is, unlessMissing } from '../../errors.ts'
import { runAsWork, type WorkRef } from '../../house/actors.ts'
import { type GoalItem, isGoal, isStep, type StepItem } from '../../inbox/room/port.ts'
import type { RunDocument } from '../../run/document.ts'
import type { Client } from '../client/client.ts'
import { goalResult, runResult } from './results.ts'

export type CallWork = WorkRef & { readonly kind: 'run' | 'goal' }

/** Times are those of ISO 8601. */
export type WorkState = {
  readonly work: CallWork
  readonly createdAt: string
  readonly lastUpdatedAt: string
  readonly status: 'works' | 'waits' | 'cancelled' | 'ended'
  /** once it is over */
  readonly result?: CallToolResult
}

export type WorkItem = StepItem | GoalItem

/** Reads the goal that an id names, else the run. NotFoundError when there is neither. */
export async function readWork({ runs, goals }: Client, id: string): Promise<WorkState> {
  const goal = await goals.get(id).catch(unlessMissing)
  return goal ? goalState(goal) : runState(await runs.get(id))
}

function runState(run: RunDocument): WorkState {
  const { status, started_at: createdAt, completed_at: end, steps } = run
  const times = Object.values(steps).flatMap(({ started_at, completed_at }) => [started_at ?? '', completed_at ?? ''])
  const lastUpdatedAt = end ?? [createdAt, ...times].toSorted().at(-1)!
  const about = { work: runAsWork(run.execution_id), createdAt, lastUpdatedAt }
  if (end === null) return { ...about, status: status === 'waiting' ? 'waits' : 'works' }
  return { ...about, status: status === 'cancelled' ? 'cancelled' : 'ended', result: runResult(run) }
}

function goalState(goal: GoalDocument): WorkState {
  const { id, status, startedAt, finishedAt, wait } = goal
  const times = { createdAt: timeOf(startedAt), lastUpdatedAt: timeOf(finishedAt ?? wait?.since ?? startedAt) }
  const about = { work: { kind: 'goal', id }, ...times } as const
  if (finishedAt === undefined) return { ...about, status: WAITING.includes(status) ? 'waits' : 'works' }
  return { ...about, status: status === 'cancelled' ? 'cancelled' : 'ended', result: goalResult(goal) }
}

const timeOf = (ms: number) => new Date(ms).toISOString()
const WAITING: readonly GoalDocument['status'][] = ['waiting', 'paused']

/** Lets work go on that an earlier process left. A goal that has reached a limit gets no more by this. */
export async function resumeWork({ runs, goals }: Client, { kind, id }: CallWork): Promise<void> {
  if (kind === 'run') return runs.resume(id)
  const { finishedAt, wait, status } = await goals.get(id)
  if (finishedAt !== undefined || wait !== undefined || status === 'paused') return
  await goals.resume(id).catch((error: unknown) => {
    // it has ended in between
    if (!is(error) || error.code !== 'goal_over') throw error
  })
}

/** Cancels work unless it is over. */
export async function cancelWork(client: Client, id: string, reason: string): Promise<void> {
  const { work, result } = await readWork(client, id)
  if (result) return
  await (work.kind === 'goal' ? client.goals : client.runs).cancel(id, reason)
}

/** Maximum items of the inbox in which questions of work below are looked for. */
const MAX_ITEMS = 1000

/** Everything for which work, and the work below it, waits. */
export async function itemsBelow(client: Client, { kind, id }: CallWork): Promise<readonly WorkItem[]> {
  const own = kind === 'goal' ? await pauseOf(client, id) : await client.inbox.list({ run: id })
  if (own.length > 0) return own
  const all = await client.inbox.list({ limit: MAX_ITEMS })
  return all.filter((item) => isStep(item) || isGoal(item)).filter((item) => isWithin(ownerOf(item), id))
}

const ownerOf = (item: WorkItem) => (isStep(item) ? item.run : item.goal)
const isWithin = (of: string, work: string) => of === work || of.startsWith(`${work}.`)

/** The inbox does not list a goal that a person has paused. */
async function pauseOf({ goals }: Client, goal: string): Promise<readonly GoalItem[]> {
  const { status, agent, owner, startedAt } = await goals.get(goal)
  if (status !== 'paused') return []
  const title = 'A person has paused the goal.'
  return [{ kind: 'goal', goal, agent, owner, since: startedAt, title, expects: { type: 'resume' } }]
}
