import { type GoalState, peekGoal } from '../../agent/protocol/state.ts'
import type { EngineView } from '../../engine/engine.ts'
import { findRunStart, peekRun } from '../../run/run.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import { type NoticeEvent, type NoticeItem, noticeId } from '../item.ts'

/** The event of an item of the inbox; undefined: it continues by itself, and nobody is needed. */
export function eventOf({ kind, expects }: InboxItem): NoticeEvent | undefined {
  if (expects.type === 'money') return 'budget'
  if (kind === 'provider') return undefined
  return kind === 'approval' || kind === 'fact' ? 'approval' : 'question'
}

/** The fields that tell an item of the inbox from all others, in each process and on each node. */
export function identityOf(item: InboxItem): readonly (string | number)[] {
  const { kind, since } = item
  if ('run' in item) return [kind, item.run, item.step, item.signal, since]
  switch (item.kind) {
    // the index of a thread has the time of its first question, so it does not tell two of them apart
    case 'decision':
      return [kind, item.thread, item.ask, item.proposal.cycle]
    case 'consent':
      return [kind, item.thread, item.ask]
    case 'fact':
      return [kind, item.owner, item.record]
    case 'goal':
      return [kind, item.goal, since]
    default:
      return [kind, item.thread, item.ask, 'signal' in item ? item.signal : '']
  }
}

/** The facts of a notice about an item of the inbox. */
export async function noticeItemOf(view: EngineView, item: InboxItem, event: NoticeEvent): Promise<NoticeItem> {
  const { kind, owner, since } = item
  const about = { id: noticeId(identityOf(item)), event, kind, owner, since }
  if ('run' in item) {
    const { run, step, signal, until } = item
    return {
      ...about,
      run,
      step,
      signal,
      ...(until !== undefined && { until }),
      ...(await workOfRun(view, run)),
    }
  }
  if (item.kind === 'fact') return { ...about, record: item.record }
  if (item.kind === 'goal')
    return { ...about, goal: item.goal, agent: item.agent, ...threadOf(await peekGoal(view, item.goal)) }
  return { ...about, thread: item.thread, ask: item.ask }
}

/** The pipeline of a run, or the goal that it works for. */
async function workOfRun(
  view: EngineView,
  run: string,
): Promise<Pick<NoticeItem, 'pipeline' | 'goal' | 'agent' | 'thread'>> {
  const goal = (await findRunStart(run, view.parts))?.goal
  if (goal === undefined) {
    const head = await peekRun(view, run)
    return head ? { pipeline: head.name } : {}
  }
  const state = await peekGoal(view, goal)
  return { goal, ...(state && { agent: state.agent }), ...threadOf(state) }
}

/** The conversation of a goal. */
export function threadOf(goal: GoalState | undefined): Pick<NoticeItem, 'thread'> {
  return goal?.parent && 'thread' in goal.parent ? { thread: goal.parent.thread } : {}
}
