import type { Problem } from '../errors.ts'
import { nameOf } from '../kernel/ref.ts'
import { ownValue } from '../lib/own.ts'
import type { Clock } from './engine.ts'
import { type Mail, overtakes } from './mailbox.ts'

/** By message id: how many processes in a row died while this message was being processed. */
type Crashes = { readonly [id: string]: number }

/** The record that one process leaves for the next, to find the message that kills processes. */
export type BootRecord = {
  /** messages that are suspects if the process dies now */
  readonly exposed: Crashes
  /** messages that are not released yet, so they cannot be the cause */
  readonly held: Crashes
  /** ms in which a message kills the process at the latest, if the last one died after the probation */
  readonly window?: number
  /** how many effects each message had recorded; absent: all that it did counts */
  readonly recorded?: { readonly [id: string]: number }
}

/** A message is a suspect after this many crashes. */
export const SUSPECT_CRASHES = 3
/** A message is poison after this many crashes. In the last of them it was the only running suspect. */
export const POISON_CRASHES = 5

/** Counts the crashes of a message after a process died. For a suspect, only crashes count in which it ran alone. */
export function countCrashes({ exposed, held }: BootRecord, id: string): number {
  const before = ownValue(exposed, id)
  if (before === undefined) return ownValue(held, id) ?? 0
  const alone = Object.keys(exposed).length === 1
  return before < SUSPECT_CRASHES || alone ? before + 1 : before
}

/** Suspects are tried in at most this many groups: each crash narrows them down to an eighth. */
const MAX_SUSPECT_GROUPS = 8

export function groupSuspects<Item>(suspects: readonly Item[]): readonly (readonly Item[])[] {
  const size = Math.ceil(suspects.length / MAX_SUSPECT_GROUPS)
  const count = Math.ceil(suspects.length / Math.max(1, size))
  return Array.from({ length: count }, (_, index) => suspects.slice(index * size, (index + 1) * size))
}

export function poisonProblem(crashes: number): Problem {
  const history = `the process died ${crashes} times in a row while it was under way, the last ${crashes - SUSPECT_CRASHES} times with no other suspect`
  return { code: 'poison', name: 'TerminalError', message: history, terminal: true }
}

/** A process that lives this long clears the messages that it released and that have ended. */
export const PROBATION_MS = 5_000
/** Clears the other messages after this many probation times: a message that kills later is not found. */
const LATEST = 32

/** Releases the mail of an earlier process in such a way that no message can kill one process after another. */
export interface PoisonGuard<Item extends Mail> {
  /**
   * Resolves with the number of messages released. Suspects wait until the others have run for the time in which a
   * message kills; then each group is tried as long.
   */
  release(mail: readonly Item[]): Promise<number>
  /** A turn has ended; `durable`: when that is on disk. */
  ended(id: string, durable: () => Promise<void>): void
  /** Removes messages from the record that were taken: the record may not outlive what an erasure removes. */
  forget(isTaken: (id: string) => boolean): void
  /** The process stops normally: no message that it released is the cause of a crash. */
  end(): void
}

export interface PoisonGuardPorts<Item extends Mail> {
  readonly clock: Clock
  readonly probation: number
  /** Resolves when the record is durable. Undefined: nothing has to be remembered. */
  save(record: BootRecord | undefined): Promise<void>
  /** The number of effects that a pending message has recorded. */
  recorded(id: string): number
  /** Puts a message into the mailbox of its actor. Returns false if the message no longer exists. */
  deliver(mail: Item): boolean
  /** An actor takes no mail until it is released. */
  hold(actor: string): void
  /** Lets a held actor take one message. */
  admit(actor: string): void
  release(actor: string): void
  /** `crashes`: how many processes died while this message was being processed. */
  giveUp(mail: Item, crashes: number): void
}

type Suspect = { readonly id: string; readonly actor: string; readonly crashes: number }

/** `last`: the record of the process before. `isPending`: whether a message still waits. */
export function createPoisonGuard<Item extends Mail>(
  ports: PoisonGuardPorts<Item>,
  last: BootRecord | undefined,
  isPending: (id: string) => boolean,
): PoisonGuard<Item> {
  // the record of mail that is not released yet
  const held = new Map(last && pastOf(last, isPending, ports.recorded))
  const endings = new Map<string, () => void>()
  let exposed: Crashes = {}
  let untried: readonly Suspect[] = []
  let isSaved = last !== undefined
  let trials = Promise.resolve()
  let { window } = last ?? {}
  // messages that are exposed and have not ended
  const running = new Set<string>()
  let mode: 'idle' | 'watching' | 'trying' = 'idle'
  const probation = createProbation(ports.clock)

  function save(isLate = false): Promise<void> {
    const isNeeded = held.size > 0 || Object.keys(exposed).length > 0
    if (!isNeeded && !isSaved) return Promise.resolve()
    isSaved = isNeeded
    if (!isNeeded) return ports.save(undefined)
    return ports.save({
      exposed,
      held: Object.fromEntries(held),
      ...(window !== undefined && { window }),
      ...(isLate && { recorded: Object.fromEntries(Object.keys(exposed).map((id) => [id, ports.recorded(id)])) }),
    })
  }

  async function release(mail: readonly Item[]): Promise<number> {
    if (mail.length === 0) return 0
    const { suspects, harmless } = judge(firstOfEach(mail, ports.clock.now()), held)
    expose(harmless, exposed)
    for (const { actor } of suspects) ports.hold(actor)
    await save()
    if (probation.isOver()) return 0
    // the engine itself reports a broken disk
    if (suspects.length > 0) trials = trials.then(() => tryAll(suspects)).catch(() => {})
    else if (mode === 'idle') watch().catch(() => {})
    if (suspects.length > 0) mode = 'trying'
    return deliver(mail)
  }

  /** Without suspects: messages are exposed until they have ended, for a while. */
  async function watch(): Promise<void> {
    mode = 'watching'
    for (let age = ports.probation; ; age *= 2) {
      await probation.survived(Math.max(ports.probation, age / 2)).passed
      if (mode !== 'watching') return
      exposed = Object.fromEntries(Object.entries(exposed).filter(([id]) => running.has(id)))
      if (running.size === 0 || age >= ports.probation * LATEST) break
      window = age * 2
      await save(true)
    }
    mode = 'idle'
    await clear()
  }

  function clear(): Promise<void> {
    expose([])
    window = undefined
    return save()
  }

  function expose(mail: readonly Suspect[], others: Crashes = {}): void {
    exposed = { ...others, ...Object.fromEntries(mail.map(({ id, crashes }) => [id, crashes])) }
    for (const { id } of mail) held.delete(id)
    for (const id of running) if (!Object.hasOwn(exposed, id)) running.delete(id)
    for (const { id } of mail) running.add(id)
  }

  function deliver(mail: readonly Item[]): number {
    const poison = mail.filter(({ envelope }) => isPoison(held.get(envelope.id)))
    const delivered = mail.filter((item) => !poison.includes(item) && ports.deliver(item))
    for (const item of poison) {
      ports.giveUp(item, held.get(item.envelope.id)!)
      held.delete(item.envelope.id)
    }
    return delivered.length
  }

  async function tryAll(suspects: readonly Suspect[]): Promise<void> {
    await probation.survived(trialTime()).passed
    // if one group kills the process, the other groups start again
    for (const { id } of suspects) held.delete(id)
    untried = suspects
    for (const group of groupSuspects(suspects)) await tryGroup(group)
    mode = 'idle'
    await clear()
  }

  /** A message that kills late does not always take the same time. */
  const trialTime = () => (window === undefined ? ports.probation : 2 * window)

  async function tryGroup(group: readonly Suspect[]): Promise<void> {
    untried = untried.filter((suspect) => !group.includes(suspect))
    expose(group)
    await save(true)
    const ended = group.map(({ id }) => new Promise<void>((resolve) => endings.set(id, resolve)))
    if (!probation.isOver()) for (const { actor } of group) ports.admit(actor)
    const time = probation.survived(trialTime())
    await Promise.race([Promise.all(ended), time.passed])
    time.stop()
    for (const { id } of group) endings.delete(id)
    for (const { actor } of group) ports.release(actor)
  }

  return {
    release,
    ended(id, durable) {
      if (running.size > 0) running.delete(id)
      const tell = endings.size > 0 ? endings.get(id) : undefined
      if (tell) durable().then(tell, () => {})
    },
    forget(isTaken) {
      exposed = Object.fromEntries(Object.entries(exposed).filter(([id]) => !isTaken(id)))
      for (const id of held.keys()) if (isTaken(id)) held.delete(id)
      save(mode === 'trying' || window !== undefined).catch(() => {})
    },
    end() {
      probation.end()
      for (const { id, crashes } of untried) held.set(id, crashes)
      for (const [id, crashes] of Object.entries(exposed)) if (crashes >= SUSPECT_CRASHES) held.set(id, crashes)
      exposed = {}
      // the engine itself has reported the failed write
      save().catch(() => {})
    },
  }
}

/** Times that the process must live. They never pass once it ends. */
function createProbation(clock: Clock) {
  const timers = new Set<() => void>()
  let isOver = false
  return {
    isOver: () => isOver,
    survived(ms: number): { readonly passed: Promise<void>; stop(): void } {
      const { promise, resolve } = Promise.withResolvers<void>()
      const stop = isOver ? () => {} : clock.after(ms, resolve)
      timers.add(stop)
      return { passed: promise, stop }
    },
    end() {
      isOver = true
      for (const stop of timers) stop()
    },
  }
}

const isPoison = (crashes = 0) => crashes >= POISON_CRASHES

/** The first message of each actor: possible killers of the process, and messages without a sign of it. */
function judge(firsts: Iterable<readonly [actor: string, id: string]>, held: ReadonlyMap<string, number>) {
  const judged = [...firsts].map(([actor, id]): Suspect => ({ actor, id, crashes: held.get(id) ?? 0 }))
  return {
    suspects: judged.filter(({ crashes }) => crashes >= SUSPECT_CRASHES && crashes < POISON_CRASHES),
    harmless: judged.filter(({ crashes }) => crashes < SUSPECT_CRASHES),
  }
}

/** A message that has recorded more effects since makes progress, so it is not the cause. */
function pastOf(
  last: BootRecord,
  isPending: (id: string) => boolean,
  recorded: (id: string) => number,
): [string, number][] {
  const ids = [...Object.keys(last.exposed), ...Object.keys(last.held)].filter(isPending)
  const before = (id: string) => ownValue(last.recorded ?? {}, id) ?? Infinity
  return ids.map((id) => [id, recorded(id) > before(id) ? 0 : countCrashes(last, id)])
}

/** An actor processes one message at a time, so only its first due message can have been running. */
function firstOfEach(mail: readonly Mail[], now: number): readonly (readonly [actor: string, id: string])[] {
  const first = new Map<string, string>()
  for (const { envelope } of mail) {
    const name = nameOf(envelope.to)
    if ((envelope.due ?? 0) <= now && (!first.has(name) || overtakes(envelope))) first.set(name, envelope.id)
  }
  return [...first]
}
