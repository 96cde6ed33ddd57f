import type { AutoResetEvent } from './bus.ts'
import type { Clock } from './engine.ts'
import { haltTurn } from './interrupt.ts'
import type { Mailbox, RunningTurn } from './mailbox.ts'

type RunningTurns = {
  readonly boxes: { values(): Iterable<Pick<Mailbox, 'running'>> }
  readonly clock: Clock
  /** set when a turn has ended */
  readonly idle: AutoResetEvent
  /** the number of turns in flight */
  running(): number
}

/** `wait`: the longest time to wait, in ms. */
type QuiescenceOptions = RunningTurns & { readonly wait: number; readonly signal: AbortSignal }

/** Waits for running turns; returns whether they ended in time. Only pauses before a retry are interrupted. */
export async function awaitQuiescence({ wait, signal, ...turns }: QuiescenceOptions): Promise<boolean> {
  await settle(turns, { wait, signal, onLate: () => {} })
  return turns.running() === 0
}

/** `grace`: ms after which the remaining turns are interrupted; absent: never. */
type DrainOptions = RunningTurns & { readonly grace: number | undefined }

/** Waits until running turns have ended. Pauses before a retry are interrupted at once, the rest after `grace` ms. */
export async function drain({ grace, ...turns }: DrainOptions): Promise<void> {
  await settle(turns, { wait: grace, onLate: () => haltAll(turns, () => true) })
}

type SettleOptions = { readonly wait: number | undefined; readonly signal?: AbortSignal; onLate(): void }

async function settle(turns: RunningTurns, { wait, signal, onLate }: SettleOptions): Promise<void> {
  let isPatient = !signal?.aborted
  const expire = () => {
    isPatient = false
    onLate()
    turns.idle.set()
  }
  haltAll(turns, ({ until }) => until !== undefined)
  signal?.addEventListener('abort', expire, { once: true })
  const off = wait === undefined ? () => {} : turns.clock.after(wait, expire)
  while (turns.running() > 0 && isPatient) await turns.idle.wait()
  off()
  signal?.removeEventListener('abort', expire)
}

function haltAll({ boxes }: RunningTurns, isMeant: (turn: RunningTurn) => boolean): void {
  for (const { running: turn } of boxes.values()) if (turn && isMeant(turn)) haltTurn(turn)
}
