import { type GoalState, goalRef } from '../../agent/protocol/state.ts'
import type { ListedActor } from '../../engine/engine.ts'
import { ownerOf } from '../../lib/owner.ts'
import { needsMoney } from '../../work/inbox.ts'
import type { GoalItem } from '../ports/inbox.ts'
import { type InboxReader, type InboxSource, waitsForBudget } from './source.ts'

/** Goals that wait for a person or for money. */
export const GOALS: InboxSource = { kind: 'agent', itemsOf }

async function itemsOf(from: InboxReader, { key: goal, index }: ListedActor): Promise<readonly GoalItem[]> {
  const { wait } = ((await from.view.peek(goalRef(goal))) ?? {}) as Partial<GoalState>
  if (!wait) return []
  const about = { goal, agent: String(index.agent), owner: ownerOf(index), since: wait.since, title: wait.title }
  if (wait.type !== 'money') return [{ kind: 'goal', ...about, expects: { type: 'resume' } }]
  const isShort = await waitsForBudget(from, wait.scope, goalRef(goal))
  return isShort ? [{ kind: 'goal', ...about, ...needsMoney(wait.scope) }] : []
}
