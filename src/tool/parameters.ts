import { z } from 'zod'
import { TerminalError } from '../errors.ts'
import { type Json, parseExact } from '../kernel/json.ts'

// templates yield texts where authors mean numbers and lists

/** true or false, also as text. */
export const booleanParameter = z.union([z.boolean(), z.stringbool()])
/** A number that is not negative, also as text. */
export const numberParameter = z.union([
  z.number().min(0),
  z
    .string()
    .trim()
    .regex(/^\d+(\.\d+)?$/, 'expected a number')
    .transform(Number),
])
/** Where an answer may come from. */
export const channelParameter = z.enum(['cli', 'gui', 'api']).exactOptional()
export const anyValue = z.json()

const json = (text: string, context: z.RefinementCtx) => {
  try {
    return parseExact(text) as Json
  } catch {
    context.addIssue('expected a value, or its JSON')
    return z.NEVER
  }
}
/** A value, also as its JSON. */
export const jsonOr = <T extends z.ZodType>(of: T) =>
  z.union([
    of,
    z
      .string()
      .transform(json)
      .pipe(of as z.ZodType<z.output<T>, Json>),
  ])

/** Execute function of a callback tool: outside a run it fails and explains why. */
export function onlyInRuns(name: string): () => never {
  return () => {
    throw new TerminalError(`${name} works only as a step of a pipeline, because a step can wait for its result.`, {
      code: 'only_in_runs',
    })
  }
}
