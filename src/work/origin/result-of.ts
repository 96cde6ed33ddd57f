import { z } from 'zod'

/** The calls of a run whose results a message of a conversation brings, instead of the text of a person. */
export type ResultSource = { readonly run: string; readonly calls: readonly string[] }

export const resultOfSchema: z.ZodType<ResultSource> = z.object({ run: z.string(), calls: z.array(z.string()) })
