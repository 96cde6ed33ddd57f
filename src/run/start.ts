import type { Effects } from '../kernel/types.ts'
import { workTrace } from '../observe/work-trace.ts'
import type { StartPart } from './run.ts'

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
