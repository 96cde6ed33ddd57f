import type { Json, Schema } from '../../../kernel/schema.ts'
import type { Actor, Effects, Failure, Notice, Turn } from '../../../kernel/types.ts'
import type { Life } from '../world/life.ts'
import { decisionOf, hashOf, idOf, isEnd, OVERTAKING, type Witnessed } from './decision.ts'
import type { Ledger } from './ledger.ts'

/** Where the histories of actors that stopped are kept, by the name of the actor. */
export const WITNESS = 'simulation-witness'

export const witnessActor: Actor<readonly Json[], Json> = {
  kind: WITNESS,
  message: anything(),
  initial: () => [],
  receive: (histories, taken) => ({ state: [...histories.filter((other) => !isSameLife(other, taken)), taken] }),
}

/** Whether two histories are of one actor, and not of one that came after it: they begin with the same message. */
export function isSameLife(one: Json, other: Json): boolean {
  return (one as readonly string[])[0] === (other as readonly string[])[0]
}

function anything(): Schema<Json> {
  return { '~standard': { version: 1, vendor: 'antiphon', validate: (value) => ({ value: value as Json }) } }
}

const WORK: ReadonlySet<string> = new Set(['request', 'response', 'event', 'error'])

/** Directives after which the state may be gone without a turn that says so. */
const FORGETFUL: ReadonlySet<string> = new Set(['reset', 'stop', 'escalate'])

type Lent = {
  readonly life: Life
  readonly ledger: Ledger
  /** The same effects, their calls scheduled and noted. */
  watchEffects(effects: Effects, state: Witnessed): Effects
}

/** The same actor; what it takes and decides is noted, outside and in its state. */
export function witnessed(actor: Actor, { life, ledger, watchEffects }: Lent): Actor<Witnessed> {
  const nameOf = (key: string) => `${actor.kind}/${key}`

  type Decide = (own: Json, effects: Effects) => Turn | Promise<Turn>
  function observe(state: Witnessed, effects: Effects, decide: Decide): Turn<Witnessed> | Promise<Turn<Witnessed>> {
    if (!life.alive) return new Promise(() => {})
    const { id, correlationId, type } = effects.message
    if (state.taken.some((entry) => idOf(entry) === id))
      ledger.violate(`${nameOf(effects.self.key)} takes ${id} a second time`)
    if (WORK.has(type) && ledger.isCalledOff(nameOf(effects.self.key), state, correlationId))
      ledger.violate(`${nameOf(effects.self.key)} takes ${id} of work that was called off`)
    if (!OVERTAKING.has(type) && ledger.orders.isStopped(nameOf(effects.self.key), state.taken[0]))
      ledger.violate(`${nameOf(effects.self.key)} takes ${id}, though it was stopped`)
    const turn = decide(state.own, watchEffects(effects, state))
    return turn instanceof Promise ? turn.then((late) => note(state, late, effects)) : note(state, turn, effects)
  }

  function note(state: Witnessed, turn: Turn, effects: Effects): Turn<Witnessed> {
    const name = nameOf(effects.self.key)
    const next = nextState(state, turn, `${life.number} ${effects.message.id}`)
    const history = { to: { kind: WITNESS, key: name }, body: next.taken, correlationId: 'simulation' }
    // one that has failed may end without another turn
    const isLast = turn.escalate !== undefined || isEnd(effects.message, turn)
    const send = isLast && { send: [...(turn.send ?? []), history] }
    const whole = { ...turn, state: next, ...send }
    if (life.alive) ledger.decide(decisionOf(effects.message, whole, actor.parent?.(effects.self.key)))
    return whole
  }

  return {
    ...actor,
    initial: (key) => ({ own: actor.initial(key), taken: [], events: 0, parts: {}, index: null }),
    receive: (state, message, effects) => observe(state, effects, (own, lent) => actor.receive(own, message, lent)),
    notice: (state, notice, effects) => observe(state, effects, (own, lent) => heed(actor, own, notice, lent)),
    ...(actor.upgrade && {
      upgrade: (state: Json, from: number) => ({
        ...(state as Witnessed),
        own: actor.upgrade!((state as Witnessed).own, from),
      }),
    }),
    ...(actor.supervise && {
      supervise(failure: Failure) {
        const name = nameOf(failure.message.to.key)
        const directive = actor.supervise!({ ...failure, state: (failure.state as Witnessed).own })
        if (directive.type === 'escalate') ledger.orders.fail(name)
        if (FORGETFUL.has(directive.type)) ledger.standing.mayForget(name)
        return directive
      },
    }),
  }
}

function heed(actor: Actor, own: Json, notice: Notice, effects: Effects): Turn | Promise<Turn> {
  if (actor.notice) return actor.notice(own, notice, effects)
  return notice.type === 'cancelled' ? { stop: true } : {}
}

function nextState(state: Witnessed, turn: Turn, entry: string): Witnessed {
  const parts = { ...state.parts }
  for (const [name, part] of Object.entries(turn.parts ?? {})) {
    if (part === null) delete parts[name]
    else parts[name] = hashOf(part)
  }
  return {
    own: turn.state === undefined ? state.own : turn.state,
    taken: [...state.taken, entry],
    events: state.events + (turn.events?.length ?? 0),
    parts,
    index: turn.index ?? state.index,
  }
}
