import { BusyError, RetryableError, TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Effect, EffectCall, EffectClass, EffectOptions, Effects } from '../../src/kernel/types.ts'
import { partHash, type WitnessedState } from './check/decision.ts'
import type { SimulationLedger } from './check/ledger.ts'
import type { SimulatedFault } from './plan/plan.ts'
import type { EngineLife } from './world/life.ts'
import type { StepScheduler } from './world/scheduler.ts'

type EffectFault = Extract<SimulatedFault, { type: 'effect' }>['problem']
type OutsideOptions = {
  readonly scheduler: StepScheduler
  readonly ledger: SimulationLedger
  /** the fault of the next call */
  nextCall(): EffectFault | undefined
}

/** The world outside the engine, over all lives of a trial: it records the effects. */
export interface OutsideWorld {
  watch(life: EngineLife, effects: Effects, state: WitnessedState): Effects
}

export function createOutsideWorld({ scheduler, ledger, nextCall }: OutsideOptions): OutsideWorld {
  const bodies = new Map<string, string>()
  const once = new Set<string>()
  /** keys of effects that were followed by another effect, which depends on their results */
  const followed = new Set<string>()

  // a call begins in one step, acts in one step, and returns in another
  async function perform(life: EngineLife, label: string, act: () => unknown): Promise<unknown> {
    if (!life.alive) return new Promise(() => {})
    await scheduler.turn(`effect ${label}`, { life })
    const fault = nextCall()
    if (fault) throw failure(fault)
    const value = await act()
    await scheduler.turn(`effect ended ${label}`, { life })
    return value
  }

  return {
    watch(life, effects, state) {
      const { self, message } = effects
      const name = `${self.kind}/${self.key}`
      const earlier: string[] = []
      const checkPart = async (part: string) => {
        const value = await effects.part(part)
        const hash = value === undefined ? undefined : partHash(value)
        if (life.alive && hash !== state.parts[part])
          ledger.violate(`${name} reads a part ${part} that is not of its state`)
        return value
      }
      const check = (key: string, effectClass: EffectClass, before: readonly string[]) => {
        const body = partHash(message.body)
        if (followed.has(key)) ledger.violate(`${key} is called again, though what followed it had begun`)
        if (effectClass === 'pure') return
        if ((bodies.get(key) ?? body) !== body) ledger.violate(`${key} is called again with another message`)
        bodies.set(key, body)
        for (const one of before) if (one !== key) followed.add(one)
        ledger.standing.add(name, state.taken)
        const sender = ledger.senders.get(message.id)?.decision
        if (sender) ledger.standing.add(sender.actor, sender.taken)
        ledger.owed.set(message.id, { to: self, work: message.correlationId })
      }
      // effects that run in parallel do not follow one another
      const watched = <T extends Json | void>(
        { name: effect, act, effect: effectClass = 'idempotent', begins }: Effect<T> & Pick<EffectOptions, 'begins'>,
        before: readonly string[] = earlier,
      ) => {
        const key = `${name} ${message.id}/${effect}`
        return (given: EffectCall) => {
          if (!life.alive) return new Promise<T>(() => {})
          check(key, effectClass, before)
          if (!earlier.includes(key)) earlier.push(key)
          const begin = <Value>(work: () => Value): Value => {
            if (effectClass === 'at-most-once' && once.size === once.add(key).size)
              ledger.violate(`${key} may be called once and is called again`)
            return work()
          }
          return perform(life, `${key} attempt ${given.attempt}`, () => {
            if (!begins) return begin(() => act(given))
            return act(given.begin ? { ...given, begin: (work) => given.begin!(() => begin(work)) } : given)
          }) as Promise<T>
        }
      }
      return {
        self,
        message,
        events: effects.events,
        now: () => effects.now(),
        emit: (delta) => effects.emit(delta),
        part: checkPart,
        whenDurable: () => effects.whenDurable(),
        run: (effect, act, options) => effects.run(effect, watched({ name: effect, act, ...options }), options),
        runAll(all) {
          const before = [...earlier]
          return effects.runAll(all.map((one) => ({ ...one, act: watched(one, before) })))
        },
      }
    },
  }
}

function failure(fault: EffectFault): Error {
  if (fault === 'busy') return new BusyError('the pool is full', { delay: 10 })
  if (fault === 'retry') return new RetryableError('it failed', { code: 'simulated' })
  return new TerminalError('it failed for good', { code: 'simulated' })
}
