import { hash } from 'node:crypto'
import { TerminalError } from '../../errors.ts'
import { isStep } from '../../inbox/room/port.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'

type Remembering = Pick<ScopedRuntime, 'runs' | 'inbox' | 'serving'>

/**
 * The signal of the only approval that a run waits for. A request repeated under the same id gets
 * the same signal, even if the run waits for another approval by now.
 * @throws TerminalError `not_waiting` if the run waits for no approval, or for several.
 */
export async function approvalFor(runtime: Remembering, run: string, id: string | undefined): Promise<string> {
  await runtime.runs.check(run)
  const { items } = await runtime.inbox.list({ run, limit: 1000 })
  const signals = items.filter(isStep).flatMap(({ kind, signal }) => (kind === 'approval' ? [signal] : []))
  if (id === undefined) return theOnly(signals, run)
  const claim = hash('sha256', JSON.stringify(['approval', run, id]))
  // read the claim after the inbox: the first request records its claim before the approval leaves the inbox
  const first = await runtime.serving.claimedRequest(claim)
  if (first !== undefined) return first
  const signal = theOnly(signals, run)
  await runtime.serving.claimRequest(claim, signal)
  return signal
}

/**
 * The reply to an answer. If answers race, only the one that the step accepts succeeds.
 * @throws TerminalError `not_waiting` for a late one
 */
export async function inTime<Status extends string>(
  sent: Promise<{ readonly status: Status }>,
): Promise<{ readonly status: Exclude<Status, 'late'> }> {
  const { status } = await sent
  if (status !== 'late') return { status: status as Exclude<Status, 'late'> }
  throw new TerminalError('Another answer was taken first.', {
    code: 'not_waiting',
    hint: 'GET /v1/inbox lists what waits for people.',
  })
}

function theOnly(signals: readonly string[], run: string): string {
  if (signals.length === 1) return signals[0]!
  const [message, hint] =
    signals.length === 0
      ? [`run ${run} does not wait for an approval`, 'GET /v1/inbox lists what waits for people.']
      : [`run ${run} waits for ${signals.length} approvals`, `Set \`signal\` to one of: ${signals.join(', ')}.`]
  throw new TerminalError(message, { code: 'not_waiting', hint })
}
