import { z } from 'zod'

/** The calls of a run whose results a message of a conversation brings, instead of the text of a person. */
export type ResultOf = { readonly run: string; readonly calls: readonly string[] }

/** Schema of `ResultOf`. */
export const resultOfSchema: z.ZodType<ResultOf> = z.object({ run: z.string(), calls: z.array(z.string()) })
