import { InvalidError } from '../errors.ts'
import type { ActorRef } from '../kernel/types.ts'

/** What a budget is for: one run, one thread, an owner for good, or an owner on each day (UTC). */
export const SCOPES = ['run', 'thread', 'owner', 'owner-day'] as const
export type ScopeKind = (typeof SCOPES)[number]

/** A scope in two: `run/run_1`, `thread/main`, `owner/ada`, `owner-day/ada`. */
export type Scope = { readonly kind: ScopeKind; readonly name: string }

const LONGEST_NAME = 500

/** A scope as it is written, taken apart; InvalidError for anything else. */
export function readScope(text: string): Scope {
  const cut = text.indexOf('/')
  const kind = SCOPES.find((known) => known === text.slice(0, cut))
  const name = text.slice(cut + 1)
  if (cut > 0 && kind && name !== '' && name.length <= LONGEST_NAME) return { kind, name }
  throw new InvalidError(`${JSON.stringify(text.slice(0, 80))} is no scope of a budget`, {
    place: { path: 'scope' },
    hint: `Scopes are ${SCOPES.map((known) => `${known}/NAME`).join(', ')}.`,
  })
}

/** The budget of a scope. */
export const budgetRef = (scope: string): ActorRef => ({ kind: 'budget', key: scope })

/** Who a budget of that scope is kept for: when it has gone for good, so has the budget. Of an owner's it is nobody. */
export function keptFor({ kind, name }: Scope): ActorRef | undefined {
  if (kind === 'run') return { kind: 'run', key: name }
  return kind === 'thread' ? { kind: 'chain', key: name } : undefined
}
