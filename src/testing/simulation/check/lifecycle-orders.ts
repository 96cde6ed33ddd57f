/** An actor as it is: the first message it took (undefined: it is not there), and whether it has failed. */
export type ActorPresence = { readonly birth: string | undefined; readonly hasFailed: boolean }

/** The stop and resume orders to actors; the final state must match the last one. */
export interface LifecycleOrders {
  /** An order for an actor of which this is known now. */
  give(id: string, type: 'stop' | 'resume', actor: string, birth: string | undefined): void
  /** `birth`: what is known of its actor then. */
  acknowledge(id: string, birth: string | undefined): void
  /** It takes no other message: a stop that was acknowledged overtakes all mail. */
  isStopped(actor: string, birth: string | undefined): boolean
  /** A turn of the actor, or its supervision, decided that it fails. */
  fail(actor: string): void
  /** Asked to stop, it said that it will be later. */
  decline(actor: string): void
  mayHaveFailed(actor: string): boolean
  /** Which acknowledged orders the actor does not follow. */
  broken(actor: string, now: ActorPresence): readonly string[]
}

type LifecycleOrder = {
  readonly type: 'stop' | 'resume'
  readonly actor: string
  readonly birth: string | undefined
  /** how often it had failed before */
  readonly failures: number
  acknowledged: boolean
}

export function createLifecycleOrders(): LifecycleOrders {
  const orders = new Map<string, LifecycleOrder>()
  const failures = new Map<string, number>()
  const unwilling = new Set<string>()
  const stopped = new Set<string>()
  const failuresOf = (actor: string) => failures.get(actor) ?? 0

  function isBroken(
    { type, actor, birth, failures: before, acknowledged }: LifecycleOrder,
    now: ActorPresence,
  ): boolean {
    if (!acknowledged || birth === undefined || now.birth !== birth) return false
    return type === 'stop' ? !unwilling.has(actor) : now.hasFailed && failuresOf(actor) === before
  }

  return {
    give(id, type, actor, birth) {
      orders.set(id, { type, actor, birth, failures: failuresOf(actor), acknowledged: false })
    },
    acknowledge(id, birth) {
      const order = orders.get(id)
      if (!order) return
      order.acknowledged = true
      if (order.type === 'stop' && birth !== undefined && birth === order.birth) stopped.add(`${order.actor} ${birth}`)
    },
    isStopped: (actor, birth) => !failures.has(actor) && !unwilling.has(actor) && stopped.has(`${actor} ${birth}`),
    fail: (actor) => void failures.set(actor, failuresOf(actor) + 1),
    decline: (actor) => void unwilling.add(actor),
    mayHaveFailed: (actor) => failures.has(actor),
    broken(actor, now) {
      const mine = [...orders].filter(([, order]) => order.actor === actor && isBroken(order, now))
      return mine.map(([id, { type }]) => `${actor} does not follow the ${type} ${id}, which was acknowledged`)
    },
  }
}
