/** One answer of a model: what for, who gave it and why that one, what it took, and which were tried before. Cost in dollars. */
export type ModelUse = {
  readonly for: string
  readonly model: string
  readonly why: string
  readonly input: number
  readonly output: number
  readonly cost?: number
  /** it was asked because nobody was named: it was the default one */
  readonly standard?: true
  readonly instead_of?: readonly { readonly model: string; readonly code: string }[]
  /** what was asked of the model and it has not */
  readonly lacks?: readonly string[]
}
