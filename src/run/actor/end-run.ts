import type { Problem } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { encodeStep } from '../../step/messages/codec.ts'
import { OUTPUTS_STEP, stepPartName } from '../../step/record/outcome.ts'
import type { ValueRef } from '../../step/values.ts'
import type { RunEvent } from '../event.ts'
import { messageTime } from '../messages.ts'
import { type RunHead, runIndex, type StartPart } from '../run.ts'

export type RunEnding =
  | { readonly status: 'completed' }
  | { readonly status: 'failed' | 'cancelled'; readonly problem: Problem }

type RunEndEvent = Extract<RunEvent, { readonly type: 'run-end' }>

/** A run as it ends, and the event that tells it. */
export function endedRun<State extends RunHead & { readonly unhandled?: number }>(
  run: State,
  status: RunEnding['status'],
  finishedAt: number,
  more: Pick<RunEndEvent, 'degraded' | 'outputs' | 'warnings'> = {},
): { readonly state: State; readonly event: RunEndEvent } {
  const { total, done, failed, problem, unhandled = 0 } = run
  const skipped = total - done - failed
  const success = status === 'completed' && unhandled === 0
  const event: RunEndEvent = {
    type: 'run-end',
    status,
    success,
    ...(problem && { problem }),
    ...more,
    done,
    failed,
    skipped,
  }
  return { state: { ...run, status, skipped, finishedAt }, event }
}

/** A run is over: its cell and outputs, the event, and the reply to its caller. Nothing of it is in flight any more. */
export function endRun<State extends RunHead>(
  state: State,
  ending: RunEnding,
  start: StartPart,
  { self, message }: Pick<Effects, 'self' | 'message'>,
  outputs?: ValueRef,
) {
  const at = messageTime(message)
  const { state: run, event } = endedRun(
    { ...state, ...ending, inFlight: [] },
    ending.status,
    at,
    outputs && { outputs },
  )
  const ended = { status: 'completed', attempts: 1, ms: 0, order: run.done + run.failed, at } as const
  const { replyTo } = start
  return {
    state: run,
    parts: outputs ? { [stepPartName(OUTPUTS_STEP)]: encodeStep({ ...ended, result: outputs }) } : {},
    events: [event],
    send: replyTo ? [{ to: replyTo, body: event, type: 'response' as const, correlationId: self.key }] : [],
    index: runIndex(run, start),
  } satisfies Turn<State>
}
