/** One answer of a model: what for, who gave it and why that one, what it took, and which were tried before. Cost in dollars. */
export type ModelUse = {
  readonly for: string
  readonly model: string
  readonly why: string
  readonly input: number
  readonly output: number
  readonly cost?: number
  readonly instead_of?: readonly { readonly model: string; readonly code: string }[]
  /** what was asked of the model and it has not */
  readonly lacks?: readonly string[]
}
