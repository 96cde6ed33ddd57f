/** One model call: purpose, model and reason for its choice, usage, and models tried before. Cost in dollars. */
export type ModelUse = {
  readonly for: string
  readonly model: string
  readonly why: string
  readonly input: number
  readonly output: number
  readonly cost?: number
  /** the provider reported no believable number of tokens, so antiphon estimated it */
  readonly estimated?: true
  /** no model was named, so this default one was asked */
  readonly standard?: true
  /** it was kept of an earlier call, and took nothing now */
  readonly cached?: true
  /** it gave no answer, and why: a code */
  readonly failed?: string
  readonly instead_of?: readonly { readonly model: string; readonly code: string }[]
  /** what the call requested and the model does not support */
  readonly lacks?: readonly string[]
}

/** Adds failed calls in front of the model uses of an outcome. */
export function withFailedCalls<T extends { readonly models?: readonly ModelUse[] }>(
  end: T,
  failed: readonly ModelUse[],
): T {
  return failed.length === 0 ? end : { ...end, models: mergeModelUses(mergeModelUses([], failed), end.models) }
}

/** Merges model uses: calls of the same model for the same purpose become one entry. */
export function mergeModelUses(all: readonly ModelUse[] = [], more: readonly ModelUse[] = []): readonly ModelUse[] {
  const uses = [...all]
  for (const use of more) {
    const at = uses.findIndex((known) => sameAsk(known, use))
    if (at < 0) uses.push(use)
    else uses[at] = sumUses(uses[at]!, use)
  }
  return uses
}

function sameAsk(one: ModelUse, other: ModelUse): boolean {
  return (
    one.for === other.for &&
    one.model === other.model &&
    one.why === other.why &&
    one.failed === other.failed &&
    one.cached === other.cached
  )
}

function sumUses(one: ModelUse, other: ModelUse): ModelUse {
  const cost = one.cost === undefined ? other.cost : one.cost + (other.cost ?? 0)
  const sums = { input: one.input + other.input, output: one.output + other.output }
  return { ...one, ...other, ...sums, ...(cost !== undefined && { cost }) }
}
