import { goalRef, runRef } from '../../house/actors.ts'
import { type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef, Effects } from '../../kernel/types.ts'
import type { ThreadParent } from '../../work/origin/goal-origin.ts'
import type { GoalStart } from './messages.ts'
import type { StoredGoal } from './stored-goal.ts'

export type GoalStartPart = Omit<
  GoalStart,
  'type' | 'agent' | 'owner' | 'limits' | 'hold' | 'at' | 'admitted' | 'debouncedUntil'
> & {
  readonly replyTo?: ActorRef
  /** how the code of its agent has changed since it began, as far as it took the new code */
  readonly changed?: readonly string[]
}

/** The conversation whose message the goal answers. */
export const conversationOf = ({ parent }: Pick<GoalStartPart, 'parent'>): ThreadParent | undefined =>
  parent && 'thread' in parent ? parent : undefined

/** The same for a goal that was handed over, too: it answers the message of the first goal. */
export const conversationAbove = (start: Pick<GoalStartPart, 'parent' | 'thread'>): ThreadParent | undefined =>
  conversationOf(start) ?? start.thread

/** The work of a goal as files know it: its conversation, the run that asks, or the goal itself. */
export function fileUseOf(
  start: Pick<GoalStartPart, 'parent' | 'thread'>,
  { owner }: Pick<StoredGoal, 'owner'>,
  goal: string,
): { readonly owner: string | undefined; readonly use: string } {
  const { parent } = start
  const conversation = conversationAbove(start)
  if (conversation) return { owner, use: `thread/${conversation.thread}` }
  // files know a goal as they know a run
  return { owner, use: nameOf(runRef(parent && 'run' in parent ? parent.run : goal)) }
}

export const START_PART = 'start'

/** Reads the start request of a goal, in one of its turns. */
export const readStart = ({ part }: Pick<Effects, 'part'>) => part(START_PART) as Promise<GoalStartPart>

/** Reads the start request of a goal; undefined when it has not begun. */
export const findStart: (effects: Pick<Effects, 'part'>) => Promise<GoalStartPart | undefined> = readStart

/** Reads the start request of a goal from outside; undefined when it has not begun or is gone. */
export async function findStartOf(goal: string, readParts: ReadParts): Promise<GoalStartPart | undefined> {
  return (await readSinglePart(readParts, goalRef(goal), START_PART)) as GoalStartPart | undefined
}
