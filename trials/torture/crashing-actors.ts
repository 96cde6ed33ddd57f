import type { Actor, EffectCall, Effects } from '../../src/kernel/types.ts'

/** The life of an engine: its actors report their activity to it until it has ended. */
export interface CrashingLife {
  hasEnded: boolean
  /** An actor begins to process a message. */
  turn(effects: Effects): void
  /** An effect is about to be called, or has just returned. */
  effect(moment: 'before' | 'after', name: string): void
  /** The number of running effects. */
  running: number
}

const NEVER = new Promise<never>(() => {})

/**
 * Wraps an actor for one life. Once that life has ended, no turn
 * begins, no effect is called or returns, and no counted work begins.
 */
export function crashable(actor: Actor, life: CrashingLife): Actor {
  const take = <Message>(taken: NonNullable<Actor['notice']> | Actor['receive']) => {
    return (state: unknown, message: Message, effects: Effects) => {
      if (life.hasEnded) return NEVER
      life.turn(effects)
      return taken(state, message as never, mortalEffects(effects, life))
    }
  }
  return {
    ...actor,
    receive: take(actor.receive.bind(actor)),
    ...(actor.notice && { notice: take(actor.notice.bind(actor)) }),
  }
}

function mortalEffects(effects: Effects, life: CrashingLife): Effects {
  return {
    self: effects.self,
    message: effects.message,
    events: effects.events,
    emit: (delta) => effects.emit(delta),
    part: (name) => effects.part(name),
    whenDurable: () => effects.whenDurable(),
    now: () => effects.now(),
    run: (name, effect, options) => effects.run(name, mortalAct(effects, life, name, effect), options),
    runAll: (all) => effects.runAll(all.map((one) => ({ ...one, act: mortalAct(effects, life, one.name, one.act) }))),
  }
}

function mortalAct<T>(
  { self }: Effects,
  life: CrashingLife,
  name: string,
  act: (call: EffectCall) => Promise<T> | T,
): (call: EffectCall) => Promise<T> {
  return async (call) => {
    const of = `${name} of ${self.kind}/${self.key}`
    if (!life.hasEnded) life.effect('before', of)
    if (life.hasEnded) return NEVER
    life.running++
    try {
      return await act(mortalCall(call, life, of))
    } finally {
      life.running--
      if (!life.hasEnded) life.effect('after', of)
      if (life.hasEnded) await NEVER
    }
  }
}

/** The call, whose process may also die between the mark of its attempt and its work. */
function mortalCall(call: EffectCall, life: CrashingLife, of: string): EffectCall {
  const { begin } = call
  if (!begin) return call
  return {
    ...call,
    begin: (work) =>
      begin(async () => {
        if (!life.hasEnded) life.effect('after', `the mark of ${of}`)
        return life.hasEnded ? NEVER : work()
      }),
  }
}
