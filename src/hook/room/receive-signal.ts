import { createHash } from 'node:crypto'
import { NotFoundError, TerminalError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import { hasEnded } from '../../pipeline/plan/step-outcome.ts'
import { readStepPart } from '../../pipeline/report/step-parts.ts'
import { isTokenOf } from '../../workflow/operations/signal-address.ts'
import type { HookHouse } from './needs.ts'
import type { DeliveryReceipt, SignalAddress } from './port.ts'

/**
 * Sends the JSON of a machine to the wait behind an address. The first value that fits counts. The token is checked
 * before the body is read.
 */
export async function receiveSignal(
  { engine: { view }, work }: HookHouse,
  { run, step, token }: SignalAddress,
  readValue: () => Promise<Json>,
): Promise<DeliveryReceipt> {
  const readParts: typeof view.parts = (of, page) => view.parts(of, page)
  const start = (await readSinglePart(readParts, runRef(run), 'start')) as { readonly nonce?: string } | undefined
  if (start?.nonce === undefined || !isTokenOf(start.nonce, step, token)) throw noAddress()
  const value = await readValue()
  const part = await readStepPart(readParts, run, step)
  if (hasEnded(part) && part.status === 'completed') return { status: 'repeated', id: run }
  if (hasEnded(part))
    throw new TerminalError('The wait behind this address has ended.', { code: 'signal_address_over' })
  // a machine that repeats a request sends one signal
  const id = createHash('sha256')
    .update(JSON.stringify([token, value]))
    .digest('hex')
  const { status } = await work().runs.signal(run, step, value, { id, answers: false })
  return { status: status === 'late' ? 'repeated' : 'signalled', id: run }
}

/** A wrong token and a run that does not exist look alike. */
const noAddress = () => new NotFoundError('There is no such address.')
