/** The header by which a client says for whom it answers, and through what. */
export const BY = 'x-antiphon-by'

/**
 * `through`: the door · `user`: the name of the user of the machine, as the system knows it · `as`: the name of a
 * person, as it was typed or as a program gives it.
 */
export type SaidBy = { readonly through?: string; readonly user?: string; readonly as?: string }

/** The header as a query: a name may have any letters. */
export const byHeader = (said: SaidBy): { readonly [BY]: string } => ({
  [BY]: new URLSearchParams(Object.entries(said)).toString(),
})

export function saidBy(header: string | null | undefined): SaidBy {
  const fields = new URLSearchParams((header ?? '').slice(0, MAX_HEADER_CHARACTERS))
  return Object.fromEntries(FIELDS.flatMap((name) => (fields.get(name) ? [[name, fields.get(name)]] : [])))
}

const FIELDS = ['through', 'user', 'as'] as const
/** A name of 200 characters, each written as up to 12. */
const MAX_HEADER_CHARACTERS = 8000
