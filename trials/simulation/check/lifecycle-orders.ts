/**
 * The presence of an actor: the first message it processed (undefined: it does not exist), and whether it has failed.
 */
type ActorPresence = { readonly birth: string | undefined; readonly hasFailed: boolean }

/** The stop and resume orders to actors. The final state of each actor must match its last order. */
export interface LifecycleOrders {
  /** Records an order; `birth` is the first message of the actor as far as it is known now. */
  give(id: string, type: 'stop' | 'resume', actor: string, birth: string | undefined): void
  /** `birth`: the first message of the actor, as known at this time. */
  acknowledge(id: string, birth: string | undefined): void
  /** Whether an acknowledged stop must keep the actor from processing other messages: a stop overtakes all mail. */
  isStopped(actor: string, birth: string | undefined): boolean
  /** A turn of the actor, or its supervision, decided to fail. */
  fail(actor: string): void
  /** The actor answered a stop that it ends later. */
  decline(actor: string): void
  mayHaveFailed(actor: string): boolean
  /** The acknowledged orders that the actor does not follow. */
  broken(actor: string, now: ActorPresence): readonly string[]
}

type LifecycleOrder = {
  readonly type: 'stop' | 'resume'
  readonly actor: string
  readonly birth: string | undefined
  /** how often the actor had failed before */
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
