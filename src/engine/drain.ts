import type { Bell } from './bus.ts'
import type { Clock } from './engine.ts'
import { halt } from './interrupt.ts'
import type { Mailbox } from './mailbox.ts'

type Draining = {
  readonly boxes: ReadonlyMap<string, Pick<Mailbox, 'running'>>
  readonly clock: Clock
  /** rung when a turn has ended */
  readonly idle: Bell
  /** ms after which no turn is waited for; absent: no end */
  readonly grace: number | undefined
  /** how many turns are under way */
  running(): number
}

type Resting = Omit<Draining, 'grace'> & {
  /** ms after which no turn is waited for any more */
  readonly wait: number
  readonly signal: AbortSignal
}

/** Whether the running turns end in time: those that pause before a retry are interrupted, no other is. */
export async function rest({ boxes, clock, idle, wait, signal, running }: Resting): Promise<boolean> {
  let isPatient = !signal.aborted
  const expire = () => {
    isPatient = false
    idle.ring()
  }
  for (const { running: turn } of boxes.values()) if (turn?.until !== undefined) halt(turn)
  signal.addEventListener('abort', expire, { once: true })
  const off = clock.after(wait, expire)
  while (running() > 0 && isPatient) await idle.heard()
  off()
  signal.removeEventListener('abort', expire)
  return running() === 0
}

/** Waits until the running turns have ended: those that pause before a retry are interrupted at once, the others after `grace` ms. */
export async function drain({ boxes, clock, idle, grace, running }: Draining): Promise<void> {
  let isPatient = true
  const expire = () => {
    isPatient = false
    for (const { running: turn } of boxes.values()) if (turn) halt(turn)
    idle.ring()
  }
  for (const { running: turn } of boxes.values()) if (turn?.until !== undefined) halt(turn)
  const off = grace === undefined ? () => {} : clock.after(grace, expire)
  while (running() > 0 && isPatient) await idle.heard()
  off()
}
