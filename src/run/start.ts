import type { ActorRef, Effects } from '../kernel/types.ts'
import { workTrace } from '../observe/work-trace.ts'
import type { RunOrigin } from '../step/messages/run-origin.ts'
import type { ValueRef } from '../step/values.ts'

/** The part `start` of a run: the message that started it. `nonce` and `seed`: of a workflow. */
export type StartPart = Omit<RunOrigin, 'owner' | 'detached'> & {
  readonly inputs: ValueRef
  readonly replyTo?: ActorRef
  readonly trace?: string
  readonly nonce?: string
  readonly seed?: string
}

/** The start of a run that begins in this turn. The caller of a detached run gets no reply when it ends. */
export function newStart(
  origin: Omit<StartPart, 'replyTo' | 'trace'>,
  { self, message }: Pick<Effects, 'self' | 'message'>,
  isDetached: boolean,
): StartPart {
  const { replyTo } = message
  const trace = workTrace(message.trace, self.key)
  return { ...origin, ...(replyTo && !isDetached && { replyTo }), ...(trace !== undefined && { trace }) }
}

/** The start of a run that has begun. */
export const readStart = ({ part }: Pick<Effects, 'part'>) => part('start') as Promise<StartPart>

/** The start, unless it has not begun. */
export const findStart: (effects: Pick<Effects, 'part'>) => Promise<StartPart | undefined> = readStart
