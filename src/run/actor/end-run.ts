import type { Problem } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { encodeStep } from '../../step/messages/codec.ts'
import { OUTPUTS_STEP, stepPartName } from '../../step/record/outcome.ts'
import type { ValueRef } from '../../step/values.ts'
import type { RunEvent } from '../event.ts'
import { messageTime } from '../messages.ts'
import { type RunHead, runIndex } from '../run.ts'
import type { StartPart } from '../start.ts'

/** How a run ends. */
export type RunEnding =
  | { readonly status: 'completed' }
  | { readonly status: 'failed' | 'cancelled'; readonly problem: Problem }

/** A run is over: its cell and outputs, the event, and the reply to its caller. Nothing of it is in flight any more. */
export function endRun<State extends RunHead>(
  state: State,
  ending: RunEnding,
  start: StartPart,
  { self, message }: Pick<Effects, 'self' | 'message'>,
  outputs?: ValueRef,
) {
  const at = messageTime(message)
  const { done, failed, total } = state
  const skipped = total - done - failed
  const isCompleted = ending.status === 'completed'
  const event: RunEvent = {
    type: 'run-end',
    status: ending.status,
    success: isCompleted,
    done,
    failed,
    skipped,
    ...(!isCompleted && { problem: ending.problem }),
    ...(outputs && { outputs }),
  }
  const run: State = { ...state, ...ending, finishedAt: at, inFlight: [], skipped }
  const ended = { status: 'completed', attempts: 1, ms: 0, order: done + failed, at } as const
  const { replyTo } = start
  return {
    state: run,
    parts: outputs ? { [stepPartName(OUTPUTS_STEP)]: encodeStep({ ...ended, result: outputs }) } : {},
    events: [event],
    send: replyTo ? [{ to: replyTo, body: event, type: 'response' as const, correlationId: self.key }] : [],
    index: runIndex(run, start),
  } satisfies Turn<State>
}
