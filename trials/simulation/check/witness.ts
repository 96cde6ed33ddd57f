import type { Json, Schema } from '../../../src/kernel/schema.ts'
import type { Actor, Effects, Failure, Notice, Turn } from '../../../src/kernel/types.ts'
import type { EngineLife } from '../world/life.ts'
import { endsActor, messageIdOf, PRIORITY_TYPES, partHash, toTurnDecision, type WitnessedState } from './decision.ts'
import type { SimulationLedger } from './ledger.ts'

/** The kind of actors that store the histories of stopped actors, by the actor's name. */
export const WITNESS_KIND = 'simulation-witness'

export const witnessActor: Actor<readonly Json[], Json> = {
  kind: WITNESS_KIND,
  message: anything(),
  initial: () => [],
  receive: (histories, taken) => ({ state: [...histories.filter((other) => !isSameLife(other, taken)), taken] }),
}

/** Whether two histories belong to the same actor and not to a later one: they begin with the same message. */
export function isSameLife(one: Json, other: Json): boolean {
  return (one as readonly string[])[0] === (other as readonly string[])[0]
}

function anything(): Schema<Json> {
  return { '~standard': { version: 1, vendor: 'antiphon', validate: (value) => ({ value: value as Json }) } }
}

const WORK_TYPES: ReadonlySet<string> = new Set(['request', 'response', 'event', 'error'])

/** Directives after which the state may be lost without a turn that says so. */
const STATE_LOSING_DIRECTIVES: ReadonlySet<string> = new Set(['reset', 'stop', 'escalate'])

type WitnessContext = {
  readonly life: EngineLife
  readonly ledger: SimulationLedger
  /** The same effects, with their calls scheduled and recorded. */
  watchEffects(effects: Effects, state: WitnessedState): Effects
}

/** Wraps an actor so that its messages and decisions are recorded, outside and in its state. */
export function withWitness(actor: Actor, { life, ledger, watchEffects }: WitnessContext): Actor<WitnessedState> {
  const nameOf = (key: string) => `${actor.kind}/${key}`

  type Decide = (own: Json, effects: Effects) => Turn | Promise<Turn>
  function observe(
    state: WitnessedState,
    effects: Effects,
    decide: Decide,
  ): Turn<WitnessedState> | Promise<Turn<WitnessedState>> {
    if (!life.alive) return new Promise(() => {})
    const { id, correlationId, type } = effects.message
    if (state.taken.some((entry) => messageIdOf(entry) === id))
      ledger.violate(`${nameOf(effects.self.key)} takes ${id} a second time`)
    if (WORK_TYPES.has(type) && ledger.isCalledOff(nameOf(effects.self.key), state, correlationId))
      ledger.violate(`${nameOf(effects.self.key)} takes ${id} of cancelled work`)
    if (!PRIORITY_TYPES.has(type) && ledger.orders.isStopped(nameOf(effects.self.key), state.taken[0]))
      ledger.violate(`${nameOf(effects.self.key)} takes ${id}, though it was stopped`)
    const turn = decide(state.own, watchEffects(effects, state))
    return turn instanceof Promise ? turn.then((late) => note(state, late, effects)) : note(state, turn, effects)
  }

  function note(state: WitnessedState, turn: Turn, effects: Effects): Turn<WitnessedState> {
    const name = nameOf(effects.self.key)
    const next = nextState(state, turn, `${life.number} ${effects.message.id}`)
    const history = { to: { kind: WITNESS_KIND, key: name }, body: next.taken, correlationId: 'simulation' }
    // a failed actor may end without another turn
    const isLast = turn.escalate !== undefined || endsActor(effects.message, turn)
    const send = isLast && { send: [...(turn.send ?? []), history] }
    const whole = { ...turn, state: next, ...send }
    if (life.alive) ledger.decide(toTurnDecision(effects.message, whole, actor.parent?.(effects.self.key)))
    return whole
  }

  return {
    ...actor,
    initial: (key) => ({ own: actor.initial(key), taken: [], events: 0, parts: {}, index: null }),
    receive: (state, message, effects) => observe(state, effects, (own, lent) => actor.receive(own, message, lent)),
    notice: (state, notice, effects) => observe(state, effects, (own, lent) => heed(actor, own, notice, lent)),
    ...(actor.upgrade && {
      upgrade: (state: Json, from: number) => ({
        ...(state as WitnessedState),
        own: actor.upgrade!((state as WitnessedState).own, from),
      }),
    }),
    ...(actor.supervise && {
      supervise(failure: Failure) {
        const name = nameOf(failure.message.to.key)
        const directive = actor.supervise!({ ...failure, state: (failure.state as WitnessedState).own })
        if (directive.type === 'escalate') ledger.orders.fail(name)
        if (STATE_LOSING_DIRECTIVES.has(directive.type)) ledger.standing.mayForget(name)
        return directive
      },
    }),
  }
}

function heed(actor: Actor, own: Json, notice: Notice, effects: Effects): Turn | Promise<Turn> {
  if (actor.notice) return actor.notice(own, notice, effects)
  return notice.type === 'cancelled' ? { stop: true } : {}
}

function nextState(state: WitnessedState, turn: Turn, entry: string): WitnessedState {
  const parts = { ...state.parts }
  for (const [name, part] of Object.entries(turn.parts ?? {})) {
    if (part === null) delete parts[name]
    else parts[name] = partHash(part)
  }
  return {
    own: turn.state === undefined ? state.own : turn.state,
    taken: [...state.taken, entry],
    events: state.events + (turn.events?.length ?? 0),
    parts,
    index: turn.index ?? state.index,
  }
}
