import { InvalidError } from '../errors.ts'
import { goalRef, runRef, threadRef } from '../house/actors.ts'
import type { ActorRef } from '../kernel/types.ts'

/** Scopes of budgets: a run, thread or goal, a pipeline's runs, an owner; the latter two also per day or hour (UTC). */
const BUDGET_SCOPES = [
  ...(['run', 'thread', 'goal'] as const),
  ...(['pipeline', 'pipeline-day', 'pipeline-hour'] as const),
  ...(['owner', 'owner-day', 'owner-hour'] as const),
] as const
type ScopeKind = (typeof BUDGET_SCOPES)[number]

/**
 * A scope in two: `run/run_1`, `thread/main`, `owner/ada`, `owner-day/ada`, and of a pipeline with its owner before its
 * id: `pipeline-hour/ada/report`.
 */
export type BudgetScope = { readonly kind: ScopeKind; readonly name: string }

export const scopeOf = (kind: ScopeKind, name: string): string => `${kind}/${name}`

/** The forms of scopes, for messages. */
export const SCOPE_FORMS: readonly string[] = BUDGET_SCOPES.map((kind) => `${kind}/${formOf(kind)}`)

function formOf(kind: ScopeKind): string {
  if (kind === 'run' || kind === 'goal') return 'ID'
  return isOfPipeline(kind) ? 'OWNER/ID' : 'NAME'
}

function isOfPipeline(kind: ScopeKind): boolean {
  return kind.startsWith('pipeline')
}

const MAX_NAME_LENGTH = 500

/** Parses a scope. InvalidError for other texts. */
export function readScope(text: string): BudgetScope {
  const scope = scopeIn(text)
  if (scope) return scope
  throw new InvalidError(`${JSON.stringify(text.slice(0, 80))} is not a budget scope.`, {
    place: { path: 'scope' },
    hint: `Scopes are ${SCOPE_FORMS.join(', ')}.`,
  })
}

export const isScope = (text: string) => scopeIn(text) !== undefined

function scopeIn(text: string): BudgetScope | undefined {
  const cut = text.indexOf('/')
  const kind = BUDGET_SCOPES.find((known) => known === text.slice(0, cut))
  const name = text.slice(cut + 1)
  return cut > 0 && kind && isName(kind, name) ? { kind, name } : undefined
}

function isName(kind: ScopeKind, name: string): boolean {
  if (name === '' || name.length > MAX_NAME_LENGTH) return false
  return !isOfPipeline(kind) || /^.+\/[^/]+$/s.test(name)
}

/** The owner of a budget, if the scope names one. */
export function ownerIn({ kind, name }: BudgetScope): string | undefined {
  if (kind === 'run' || kind === 'thread' || kind === 'goal') return undefined
  return isOfPipeline(kind) ? name.slice(0, name.lastIndexOf('/')) : name
}

export const budgetRef = (scope: string): ActorRef => ({ kind: 'budget', key: scope })

/** The actor whose end also ends the budget. Undefined for budgets of pipelines and owners. */
export function scopeActor({ kind, name }: BudgetScope): ActorRef | undefined {
  if (kind === 'run') return runRef(name)
  if (kind === 'goal') return goalRef(name)
  return kind === 'thread' ? threadRef(name) : undefined
}
