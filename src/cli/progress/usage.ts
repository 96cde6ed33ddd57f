import type { ModelUse } from '../../pipeline/plan/model-use.ts'

/** What models took: tokens in and out, and dollars as far as they have prices. */
export type Used = { readonly input: number; readonly output: number; readonly cost?: number }

export const NOTHING_USED: Used = { input: 0, output: 0 }

/** That and what the answers of a step took. */
export function addUses(used: Used, uses: readonly ModelUse[] = []): Used {
  return uses.reduce(addUse, used)
}

function addUse({ input, output, cost }: Used, use: ModelUse): Used {
  const dollars = use.cost === undefined ? cost : (cost ?? 0) + use.cost
  return {
    ...{ input: input + use.input, output: output + use.output },
    ...(dollars !== undefined && { cost: dollars }),
  }
}
