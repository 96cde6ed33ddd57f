import { type ModelUse, sumTaken } from '../../step/record/model-use.ts'

/** Tokens in and out, and dollars for models with a price. */
export type ModelUsage = Pick<ModelUse, 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'cost'>

export const NO_USAGE: ModelUsage = { input: 0, output: 0 }

export const addUsage = (used: ModelUsage, uses: readonly ModelUse[] = []): ModelUsage => sumTaken([used, ...uses])
