import type { DeadLetter } from '../../../src/engine/engine.ts'
import { nameOf } from '../../../src/kernel/ref.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import { type TurnDecision, timersOf, type WitnessedState } from './decision.ts'
import { createLifecycleOrders, type LifecycleOrders } from './lifecycle-orders.ts'
import { createVisibleState, type VisibleState } from './visible-state.ts'

/** A client request, with the steps at which it started and was acknowledged. */
export type ClientRequest = {
  readonly id: string
  readonly type: 'tell' | 'ask' | 'stop' | 'resume'
  readonly to: ActorRef
  readonly body: Json
  readonly delay?: number
  readonly begun: number
  acknowledged?: number
  answer?: EngineAnswer
}
/** The result of a call: a value, or the code of a problem. */
export type EngineAnswer<T = Json> = { readonly value: T } | { readonly problem: string }

/** A message that must be processed in the end. */
type OwedMessage = { readonly to: ActorRef; readonly work: string }

/** Everything that was observed from outside, which the engine must not lose. */
export interface SimulationLedger {
  /** all possible actors, by name */
  readonly actors: ReadonlyMap<string, ActorRef>
  readonly requests: ReadonlyMap<string, ClientRequest>
  readonly decisions: ReadonlyMap<string, TurnDecision>
  /** by message id: the decision that sent it, and its position among the sends (timers: -1) */
  readonly senders: ReadonlyMap<string, { readonly decision: TurnDecision; readonly index: number }>
  readonly standing: VisibleState
  readonly orders: LifecycleOrders
  /** by id: messages that were acknowledged, or that had effects */
  readonly owed: Map<string, OwedMessage>
  /** messages to an actor that did not exist when they were sent */
  readonly astray: Set<string>
  /** dead letters that were observed */
  readonly letters: Set<string>
  /** dead letters that were dropped or sent again, or that a client tried to */
  readonly settled: Set<string>
  /** cancelled work, including work whose cancellation was only requested */
  readonly cancelled: Set<string>
  readonly violations: readonly string[]
  violate(what: string): void
  begin(request: ClientRequest): void
  acknowledge(request: ClientRequest, answer: EngineAnswer, step: number): void
  decide(decision: TurnDecision): void
  /**
   * Call before listing dead letters: letters observed by now must be
   * listed. Pass the list to the function that it returns.
   */
  listing(): (letters: readonly DeadLetter[]) => void
  /** Records the current state of an actor, as far as it is known. */
  present(actor: string, state: WitnessedState | undefined): void
  /**
   * Records a cancellation of work in an actor. Call the function
   * that it returns when the cancellation is acknowledged.
   */
  callOff(actor: string, work: string): () => void
  isCalledOff(actor: string, state: WitnessedState, work: string): boolean
}

const WORK_TYPES: ReadonlySet<string> = new Set(['tell', 'ask'])

export function createSimulationLedger(): SimulationLedger {
  const actors = new Map<string, ActorRef>()
  const requests = new Map<string, ClientRequest>()
  const decisions = new Map<string, TurnDecision>()
  const senders = new Map<string, { readonly decision: TurnDecision; readonly index: number }>()
  const answers = new Map<string, TurnDecision>()
  const births = new Map<string, string | undefined>()
  const calledOff = new Set<string>()
  const violations: string[] = []
  const [standing, owed, cancelled] = [createVisibleState(), new Map<string, OwedMessage>(), new Set<string>()]
  const [astray, letters, settled] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const orders = createLifecycleOrders()

  return {
    actors,
    requests,
    decisions,
    senders,
    standing,
    orders,
    owed,
    astray,
    letters,
    settled,
    cancelled,
    violations,
    violate: (what) => void violations.push(what),
    begin(request) {
      const { id, type, to } = request
      requests.set(id, request)
      actors.set(nameOf(to), to)
      if (type === 'stop' || type === 'resume') orders.give(id, type, nameOf(to), births.get(nameOf(to)))
    },
    acknowledge(request, answer, step) {
      request.acknowledged ??= step
      orders.acknowledge(request.id, births.get(nameOf(request.to)))
      if (!('problem' in answer) && WORK_TYPES.has(request.type))
        owed.set(request.id, { to: request.to, work: request.id })
      const [first, now] = [JSON.stringify(request.answer ?? answer), JSON.stringify(answer)]
      if (first !== now) violations.push(`${request.id} was answered ${first} and then ${now}`)
      request.answer = answer
      // a problem may come from the kernel itself
      const by = 'value' in answer ? answers.get(request.id) : undefined
      if (by && request.type === 'ask') standing.add(by.actor, by.taken)
    },
    decide(decision) {
      const { actor, taken, sends, turn, message, answers: answered, isEnd } = decision
      const entry = taken.at(-1)!
      actors.set(actor, message.to)
      // a turn that was interrupted and repeated is decided anew
      decisions.delete(entry)
      decisions.set(entry, decision)
      births.set(actor, isEnd ? undefined : taken[0])
      for (const { id, to } of sends) if (births.get(to) === undefined) astray.add(id)
      sends.forEach(({ id }, index) => senders.set(id, { decision, index }))
      for (const token of timersOf(decision).values()) if (token) senders.set(token, { decision, index: -1 })
      for (const id of answered) answers.set(id, decision)
      for (const { correlationId } of turn.cancel ?? []) cancelled.add(correlationId ?? message.correlationId)
      if (turn.escalate) orders.fail(actor)
      if (isEnd || turn.escalate) standing.mayEnd(actor, taken)
      if (message.type === 'stop' && !isEnd) orders.decline(actor)
    },
    listing() {
      // a list that was requested later may be returned earlier
      const before = [...letters]
      return (now) => {
        const ids = new Set(now.map(({ id }) => id))
        for (const id of before) if (!ids.has(id) && !settled.has(id)) violations.push(`dead letter ${id} has vanished`)
        for (const id of ids) letters.add(id)
      }
    },
    present: (actor, state) => void births.set(actor, state?.taken[0]),
    callOff(actor, work) {
      cancelled.add(work)
      const birth = births.get(actor)
      // an actor that did not exist, or that was recreated since, did not get it
      return () => void (birth !== undefined && births.get(actor) === birth && calledOff.add(`${birth} ${work}`))
    },
    // a failed actor does not get it
    isCalledOff: (actor, state, work) => !orders.mayHaveFailed(actor) && calledOff.has(`${state.taken[0]} ${work}`),
  }
}
