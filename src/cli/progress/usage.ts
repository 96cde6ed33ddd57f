import type { ModelUse } from '../../pipeline/plan/model-use.ts'

/** Tokens in and out, and dollars for models with a price. */
export type ModelUsage = { readonly input: number; readonly output: number; readonly cost?: number }

export const NO_USAGE: ModelUsage = { input: 0, output: 0 }

/** Adds the model calls of a step. */
export function addUsage(used: ModelUsage, uses: readonly ModelUse[] = []): ModelUsage {
  return uses.reduce(addUse, used)
}

function addUse({ input, output, cost }: ModelUsage, use: ModelUse): ModelUsage {
  const dollars = use.cost === undefined ? cost : (cost ?? 0) + use.cost
  return {
    input: input + use.input,
    output: output + use.output,
    ...(dollars !== undefined && { cost: dollars }),
  }
}
