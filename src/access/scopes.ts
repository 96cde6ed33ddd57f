/** What a caller may do: see one's own, run pipelines, ask on threads; `admin` is all of it, of everybody. */
export const SCOPES = ['read', 'run', 'ask', 'admin'] as const

/** One of them. */
export type Scope = (typeof SCOPES)[number]

/** Whether who has these may do what needs that one. */
export function allows(scopes: readonly Scope[], wanted: Scope): boolean {
  return scopes.includes(wanted) || scopes.includes('admin')
}
