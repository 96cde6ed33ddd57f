import { z } from 'zod'
import { cachedFields, maybe, type Named, type Plain } from '../../document.ts'
import type { Problem } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import { sumSpent } from '../../model/cost/usage.ts'

const modelUseFields = {
  for: z.string(),
  model: z.string(),
  why: z.string(),
  input: z.number().meta({ description: 'tokens' }),
  output: z.number().meta({ description: 'tokens' }),
  ...cachedFields,
  cost: maybe(z.number()).meta({ description: 'dollars' }),
  /** the provider reported no believable number of tokens, so antiphon estimated it */
  estimated: maybe(z.literal(true)).meta({ description: 'the provider did not report the tokens' }),
  /** no model was named, so this default one was asked */
  standard: maybe(z.literal(true)),
  /** it was kept of an earlier call, and took nothing now */
  cached: maybe(z.literal(true)).meta({ description: 'reply from the cache' }),
  /** it gave no answer, and why: a code */
  failed: maybe(z.string()),
  instead_of: maybe(z.array(z.object({ model: z.string(), code: z.string() }))),
  /** what the call requested and the model does not support, and parts of the reply that are missing */
  lacks: maybe(z.array(z.string())),
}
export interface ModelUseFields extends Named<typeof modelUseFields> {}

export const modelUse: z.ZodObject<ModelUseFields> = z.object(modelUseFields).meta({ id: 'ModelUse' })

/** One model call: purpose, model and reason for its choice, usage, and models tried before. Cost in dollars. */
export type ModelUse = Plain<typeof modelUse>

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
  const lacks = lacksIn({ models: [one, other] })
  return { ...one, ...other, ...sumTaken([one, other]), ...(lacks.length > 0 && { lacks }) }
}

type Taken = Pick<ModelUse, 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'cost'>

/** The tokens and dollars of several calls. */
export function sumTaken(all: readonly Taken[]): Taken {
  const spent = all.map(({ cost, ...usage }) => ({ usage, ...(cost !== undefined && { cost }) }))
  const { usage, cost } = sumSpent(spent)
  const { estimated: _, ...tokens } = usage
  return { ...tokens, ...(cost !== undefined && { cost }) }
}

/** The losses of a step and of the calls of its models, each sentence once. */
function lacksIn({ lacks = [], models = [] }: Lacking): readonly string[] {
  return [...new Set([...lacks, ...models.flatMap(({ lacks: more = [] }) => more)])]
}

type Lacking = {
  readonly lacks?: readonly string[] | undefined
  readonly models?: readonly Pick<ModelUse, 'lacks'>[] | undefined
}

/** The end of a step, as a part of a run or as its event has it. */
type EndedFields = {
  readonly status: string
  readonly degraded?: true | undefined
  readonly problem?: Pick<Problem, 'message'> | undefined
  readonly handled?: string | undefined
  readonly lacks?: readonly string[] | undefined
  readonly models?: readonly ModelUse[] | undefined
}

/** Characters of a text that a sentence quotes. */
const MAX_QUOTE = 300

/** Why a result is degraded, in sentences: its replacement, the model that answered instead, missing parts. Pure. */
export function lossesOf(end: EndedFields): readonly string[] {
  const { models = [] } = end
  const others = models.flatMap((use) => (use.instead_of ? [insteadOf(use, use.instead_of)] : []))
  return [...(isReplaced(end) ? [replacement(end)] : []), ...others, ...lacksIn(end)]
}

/** Whether the result of a completed step is that of a substitute. */
export const isReplaced = ({ status, degraded, problem }: EndedFields): boolean =>
  status === 'completed' && degraded === true && problem !== undefined

function replacement({ handled, problem }: EndedFields): string {
  const by = handled === undefined ? 'a substitute' : `a substitute (${clip(handled, MAX_QUOTE)})`
  return `${by} gave the result, because the step failed: ${clip(problem!.message, MAX_QUOTE)}`
}

function insteadOf({ model }: ModelUse, before: NonNullable<ModelUse['instead_of']>): string {
  return `${model} answered instead of ${before.map((one) => `${one.model} (${one.code})`).join(', ')}`
}
