import { hash } from 'node:crypto'
import { TerminalError } from '../../errors.ts'
import { isStep } from '../../runtime/ports/inbox.ts'
import type { Owned } from '../authorize/scoped-runtime.ts'

type Remembering = Pick<Owned, 'checkRun' | 'inbox' | 'claimRequest' | 'claimedRequest'>

/**
 * The signal of the one approval that a run waits for. A request repeated under its id gets the signal that it was first sent for, even when
 * the run waits for another approval by now. TerminalError `not_waiting` when the run waits for none, or for several.
 */
export async function approvalFor(runtime: Remembering, run: string, id: string | undefined): Promise<string> {
  await runtime.checkRun(run)
  const { items } = await runtime.inbox({ run, limit: 1000 })
  const signals = items.filter(isStep).flatMap(({ kind, signal }) => (kind === 'approval' ? [signal] : []))
  if (id === undefined) return theOnly(signals, run)
  const claim = hash('sha256', JSON.stringify(['approval', run, id]))
  // read after the inbox: where the first request took the approval away, its claim was durable before
  const first = await runtime.claimedRequest(claim)
  if (first !== undefined) return first
  const signal = theOnly(signals, run)
  await runtime.claimRequest(claim, signal)
  return signal
}

function theOnly(signals: readonly string[], run: string): string {
  if (signals.length === 1) return signals[0]!
  const [message, hint] =
    signals.length === 0
      ? [`run ${run} waits for no approval now`, 'GET /v1/inbox tells what waits for people.']
      : [`run ${run} waits for ${signals.length} approvals`, `Say in \`signal\` which: ${signals.join(', ')}.`]
  throw new TerminalError(message, { code: 'not_waiting', hint })
}
