import type { BudgetState } from '../budget/state.ts'
import { nameOf, waitIn } from '../kernel/ref.ts'
import type { ActorIndex, ActorRef } from '../kernel/types.ts'

/**
 * The words of the index field `waits`: they say what the work of an actor waits for. Lists, `why` and the search for
 * stranded work read the field. The name of an actor, `kind/key`, stands for its work.
 */

/** The wait until a budget has enough money. */
export const moneyWait = (scope: string): string => `budget:${scope}`

/** The wait for a signal that a person or a program sends. */
export const signalWait = (name: string): string => `signal:${name}`

/** The wait for the decision about an ask. */
export const decisionWait = (ask: string): string => `decision:${ask}`

/** The wait for a person who continues the work. */
export const PERSON_WAIT = 'person'

/** The wait for the provider of a model. The work continues by itself. */
export const PROVIDER_WAIT = 'provider:'

/** The wait until the process is well again. The work continues by itself. */
export const HEALTH_WAIT = 'health'

/** The wait for a process with code that this one lacks. The work continues when such a process opens the folder. */
export const CODE_WAIT = 'code:'

/** The wait for work of a tool elsewhere: neither for an actor nor for a person. */
export const ELSEWHERE_WAIT = 'work:elsewhere'

/** A wait of an actor, read from its index. */
export type WorkWait =
  | { readonly type: 'signal' | 'budget' | 'decision'; readonly name: string }
  | { readonly type: PlainWait }
  | { readonly type: 'actor'; readonly actor: ActorRef }

/** The wait in the index of an actor; undefined: it waits for nothing, or only for a time (`until`). */
export function readWait(index: ActorIndex | null | undefined): WorkWait | undefined {
  const wait = waitIn(index)
  return wait && ('actor' in wait ? { type: 'actor', ...wait } : outsideWait(wait.external))
}

function outsideWait(waits: string): WorkWait | undefined {
  const [, type, name = ''] = NAMED_WAIT.exec(waits) ?? []
  if (type === 'signal' || type === 'budget' || type === 'decision') return { type, name }
  const known = PLAIN_WAITS[waits]
  return known && { type: known }
}

const NAMED_WAIT = /^(signal|budget|decision):(.*)$/s
type PlainWait = 'person' | 'provider' | 'health' | 'code' | 'elsewhere'
const PLAIN_WAITS: { readonly [waits: string]: PlainWait } = {
  [PERSON_WAIT]: 'person',
  [PROVIDER_WAIT]: 'provider',
  [HEALTH_WAIT]: 'health',
  [CODE_WAIT]: 'code',
  [ELSEWHERE_WAIT]: 'elsewhere',
}

/** A wait as a document names it, in words. */
export function wordsOfWait(waits: string): string {
  const wait = outsideWait(waits)
  if (wait?.type !== 'signal') return waits
  return wait.name.startsWith('call:') ? 'an answer about its call' : `the signal ${wait.name}`
}

/** The scope of the budget that a wait names; undefined for any other wait. */
export function scopeAwaited(waits: string): string | undefined {
  const wait = outsideWait(waits)
  return wait?.type === 'budget' ? wait.name : undefined
}

/** The index field of work that the inbox lists. Such work also has the field `since`: the start of its wait. */
export const IN_INBOX = { inbox: 1 } as const

/** The index fields of work that has waited for people since then (ms since the epoch). */
export const inboxSince = (since: number) => ({ inbox: 1, since })

/** The fields of an item that waits for money: it continues when the budget is raised. */
export const needsMoney = (scope: string) => ({ signal: moneyWait(scope), expects: { type: 'money' } }) as const

/** The fields of an item that continues by itself. */
export const NEEDS_NOTHING = { expects: { type: 'nothing' } } as const

/** Whether a budget still has an actor wait. An actor that has got money is working. */
export function isShortOfMoney(budget: Partial<BudgetState> | undefined, of: ActorRef): boolean {
  return budget?.waiting?.some(({ by }) => by === nameOf(of)) ?? false
}
