import { is, NotFoundError, TerminalError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import { waitsPartName } from '../../run/actor/waits.ts'
import { findRunStart, peekRun } from '../../run/run.ts'
import { readStepPart } from '../../step/messages/step-parts.ts'
import { hasEnded } from '../../step/record/outcome.ts'
import { isTokenOf } from '../../workflow/operations/signal-address.ts'
import type { HookHouse } from './needs.ts'
import type { DeliveryReceipt, SignalAddress } from './port.ts'

/** Sends a machine's JSON to the wait of an address. The first fitting value counts. The token is checked first. */
export async function receiveSignal(
  { engine: { view }, work }: HookHouse,
  { run, step, token }: SignalAddress,
  readValue: () => Promise<Json>,
): Promise<DeliveryReceipt> {
  const readParts: typeof view.parts = (of, page) => view.parts(of, page)
  const start = await findRunStart(run, readParts)
  if (start?.nonce === undefined || !isTokenOf(start.nonce, step, token)) throw noAddress()
  const value = await readValue()
  let status = await statusOf(readParts, { run, step })
  if (status === undefined) {
    const cleansUp = (await peekRun(view, run))?.cleansUp
    // a cancelled run has dropped the waits that it had
    const isDropped = cleansUp && (await readSinglePart(readParts, runRef(run), waitsPartName(step))) === undefined
    status = isDropped ? 'over' : await send(() => work().runs.signal(run, step, value, { answers: false }))
    // its wait took another one, or ended, while this one came
    if (status !== 'signalled') status = (await statusOf(readParts, { run, step })) ?? status
  }
  if (status !== 'over') return { status, id: run }
  throw new TerminalError('The wait behind this address has ended.', { code: 'signal_address_over' })
}

type Status = 'signalled' | 'repeated' | 'over'

/** The state of a wait as its sender hears it. Undefined: it waits. */
async function statusOf(
  readParts: ReadParts,
  { run, step }: Pick<SignalAddress, 'run' | 'step'>,
): Promise<Status | undefined> {
  const part = await readStepPart(readParts, run, step)
  if (!hasEnded(part)) return undefined
  return part.status === 'completed' ? 'repeated' : 'over'
}

/** Sends a signal. The run may have ended or been cancelled, or its wait was withdrawn or is over. */
async function send(signal: () => Promise<{ readonly status: 'taken' | 'kept' | 'late' }>): Promise<Status> {
  try {
    return (await signal()).status === 'late' ? 'repeated' : 'signalled'
  } catch (error) {
    if (is(error) && (error.code === 'run_over' || error.code === 'not_waiting')) return 'over'
    throw error
  }
}

/** A wrong token and a run that does not exist look alike. */
const noAddress = () => new NotFoundError('There is no such address.')
