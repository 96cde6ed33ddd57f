import type { Bell } from './bus.ts'
import type { Clock } from './engine.ts'
import { halt } from './interrupt.ts'
import type { Mailbox, Running } from './mailbox.ts'

type Turns = {
  readonly boxes: { values(): Iterable<Pick<Mailbox, 'running'>> }
  readonly clock: Clock
  /** rung when a turn has ended */
  readonly idle: Bell
  /** how many turns are under way */
  running(): number
}

/** `wait`: ms after which no turn is waited for any more. */
type Resting = Turns & { readonly wait: number; readonly signal: AbortSignal }

/** Whether the running turns end in time: those that pause before a retry are interrupted, no other is. */
export async function rest({ wait, signal, ...turns }: Resting): Promise<boolean> {
  await settle(turns, { wait, signal, onLate: () => {} })
  return turns.running() === 0
}

/** `grace`: ms after which no turn is waited for; absent: no end. */
type Draining = Turns & { readonly grace: number | undefined }

/** Waits until the running turns have ended: those that pause before a retry are interrupted at once, the others after `grace` ms. */
export async function drain({ grace, ...turns }: Draining): Promise<void> {
  await settle(turns, { wait: grace, onLate: () => haltAll(turns, () => true) })
}

type Patience = { readonly wait: number | undefined; readonly signal?: AbortSignal; onLate(): void }

async function settle(turns: Turns, { wait, signal, onLate }: Patience): Promise<void> {
  let isPatient = !signal?.aborted
  const expire = () => {
    isPatient = false
    onLate()
    turns.idle.ring()
  }
  haltAll(turns, ({ until }) => until !== undefined)
  signal?.addEventListener('abort', expire, { once: true })
  const off = wait === undefined ? () => {} : turns.clock.after(wait, expire)
  while (turns.running() > 0 && isPatient) await turns.idle.heard()
  off()
  signal?.removeEventListener('abort', expire)
}

function haltAll({ boxes }: Turns, isMeant: (turn: Running) => boolean): void {
  for (const { running: turn } of boxes.values()) if (turn && isMeant(turn)) halt(turn)
}
