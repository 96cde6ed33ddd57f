import type { Numbered } from '../../engine/engine.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { type Decision, timersOf } from './decision.ts'
import type { Seen } from './look.ts'

/** A tell or an ask of a client, with the steps at which it began and was acknowledged. */
export type Request = {
  readonly id: string
  readonly type: 'tell' | 'ask'
  readonly to: ActorRef
  readonly body: Json
  readonly delay?: number
  readonly begun: number
  acknowledged?: number
  answer?: Answer
}
/** What an engine says to a request. */
export type Answer<T = Json> = { readonly value: T } | { readonly problem: string }

/** All that was seen from outside: what the engine must stand by. */
export interface Ledger {
  /** all actors that there may be, by name */
  readonly actors: ReadonlyMap<string, ActorRef>
  readonly requests: ReadonlyMap<string, Request>
  readonly decisions: ReadonlyMap<string, Decision>
  /** who decided to send a message, and as which of its sends (timers: -1) */
  readonly senders: ReadonlyMap<string, { readonly decision: Decision; readonly index: number }>
  /** entries of histories that have been seen, or have had effects, outside */
  readonly standing: ReadonlyMap<string, ReadonlySet<string>>
  /** events that were seen */
  readonly events: ReadonlyMap<string, readonly Numbered[]>
  /** ids that must be taken in the end, though no client sent them, and the work they belong to */
  readonly owed: Map<string, string>
  /** dead letters that were dropped or sent again, if only by intention */
  readonly settled: Set<string>
  /** work that was called off, if only by intention */
  readonly cancelled: Set<string>
  readonly violations: readonly string[]
  violate(what: string): void
  begin(request: Request): void
  acknowledge(request: Request, answer: Answer, step: number): void
  decide(decision: Decision): void
  stand(actor: string, entries: readonly string[]): void
  see(at: ActorRef, seen: Seen): void
  /** The actor may stop or be reset: its history may begin anew. */
  mayForget(actor: string): void
  forgets(actor: string): boolean
}

export const nameOf = ({ kind, key }: ActorRef) => `${kind}/${key}`

export function createLedger(): Ledger {
  const actors = new Map<string, ActorRef>()
  const requests = new Map<string, Request>()
  const decisions = new Map<string, Decision>()
  const senders = new Map<string, { readonly decision: Decision; readonly index: number }>()
  const answers = new Map<string, Decision>()
  const standing = new Map<string, Set<string>>()
  const events = new Map<string, readonly Numbered[]>()
  const forgetful = new Set<string>()
  const violations: string[] = []

  const ledger: Ledger = {
    ...{ actors, requests, decisions, senders, standing, events, violations },
    owed: new Map(),
    settled: new Set(),
    cancelled: new Set(),
    violate: (what) => void violations.push(what),
    begin(request) {
      requests.set(request.id, request)
      actors.set(nameOf(request.to), request.to)
    },
    acknowledge(request, answer, step) {
      request.acknowledged ??= step
      const [first, now] = [JSON.stringify(request.answer ?? answer), JSON.stringify(answer)]
      if (first !== now) violations.push(`${request.id} was answered ${first} and then ${now}`)
      request.answer = answer
      const by = answers.get(request.id)
      if (by && request.type === 'ask') ledger.stand(by.actor, [by.entry])
    },
    decide(decision) {
      const { actor, entry, sends, turn, message } = decision
      actors.set(actor, message.to)
      // a turn that was interrupted and repeated is decided anew
      decisions.delete(entry)
      decisions.set(entry, decision)
      sends.forEach(({ id }, index) => senders.set(id, { decision, index }))
      for (const token of timersOf(decision).values()) if (token) senders.set(token, { decision, index: -1 })
      for (const id of decision.answers) answers.set(id, decision)
      for (const { correlationId } of turn.cancel ?? []) ledger.cancelled.add(correlationId ?? message.correlationId)
      if (turn.stop) forgetful.add(actor)
    },
    stand(actor, entries) {
      const stands = standing.get(actor) ?? new Set()
      standing.set(actor, stands)
      for (const entry of entries) stands.add(entry)
    },
    see(at, seen) {
      if (seen.state) ledger.stand(nameOf(at), seen.state.taken)
      if (seen.events.length > (events.get(nameOf(at))?.length ?? 0)) events.set(nameOf(at), seen.events)
    },
    mayForget: (actor) => void forgetful.add(actor),
    forgets: (actor) => forgetful.has(actor),
  }
  return ledger
}
