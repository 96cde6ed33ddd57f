import { z } from 'zod'
import type { InvalidError } from '../errors.ts'
import type { ModelEntry } from '../model/catalogue/model-config.ts'
import { CAPABILITY_LEVELS } from '../model/choose/levels.ts'
import { parseModelSize, parseTokenCount } from '../model/choose/requirements.ts'
import type { Price } from '../model/cost/price.ts'
import { TEXT_CLEANUPS } from '../model/prompt/text-cleanup.ts'
import { EFFORTS, MAX_REPLY } from '../model/request/reasoning.ts'
import { PROMPT_CACHES } from '../model/request/request.ts'
import { WIRE_NAMES, wireFault } from '../model/wire/rules.ts'

const words = z.array(z.string().min(1).max(100)).max(50)
const amount = z.number().min(0)
const SIZE_ERROR = 'expected a size such as 8b'
const TOKENS_ERROR = 'expected a number of tokens, such as 128k'
const size = z.union(
  [z.number().positive(), z.string().refine((text) => parseModelSize(text) !== undefined, SIZE_ERROR)],
  SIZE_ERROR,
)
const tokens = z.union(
  [z.int().positive(), z.string().refine((text) => (parseTokenCount(text) ?? 0) > 0, TOKENS_ERROR)],
  TOKENS_ERROR,
)

const template = z.string().min(1).max(20_000)
const cleanings = z.array(z.enum(TEXT_CLEANUPS)).max(10)
/** How a model wants its prompt. */
export const formSchema = z.strictObject({
  prompt: template.exactOptional(),
  system: template.exactOptional(),
  before: cleanings.exactOptional(),
  after: cleanings.exactOptional(),
})

const cacheWish = z.union(
  [
    z.boolean(),
    z.strictObject({
      ttl: z
        .number()
        .positive()
        .max(30 * 86_400),
    }),
  ],
  {
    error: 'expected true, false, or { ttl: seconds }, at most 30 days',
  },
)

const isCacheOfInput = (cost: Price) =>
  cost.input !== undefined || (cost.cacheRead === undefined && cost.cacheWrite === undefined)

const cost = z
  .strictObject({
    input: amount.exactOptional(),
    output: amount.exactOptional(),
    cacheRead: amount.exactOptional(),
    cacheWrite: amount.exactOptional(),
    minute: amount.exactOptional(),
    characters: amount.exactOptional(),
    picture: amount.exactOptional(),
  })
  .refine(
    (cost) =>
      Object.keys(cost).length > 0 &&
      (cost.input === undefined) === (cost.output === undefined) &&
      isCacheOfInput(cost),
    'expected dollars: input and output for a million tokens (cacheRead and cacheWrite for the cached part), minute for one of a recording, characters for a million that are spoken, picture for one that is drawn',
  )

/** The name of a set of rules for requests. */
export const wireName = z.enum(WIRE_NAMES, { error: ({ input }) => wireFault(String(input))! })

const reasoning = z.union(
  [z.strictObject({ effort: z.enum(EFFORTS) }), z.strictObject({ tokens: z.int().min(0).max(MAX_REPLY) })],
  `expected { effort: WORD } with one of ${EFFORTS.join(', ')}, or { tokens: NUMBER }`,
)

/** Settings common to all forms of a model. */
const facts = {
  aliases: words.exactOptional(),
  size: size.exactOptional(),
  context: tokens.exactOptional(),
  expertise: z
    .union([z.enum(CAPABILITY_LEVELS), words], {
      error: `expected one of ${CAPABILITY_LEVELS.join(', ')}, or a list of words`,
    })
    .exactOptional(),
  tools: z.boolean().exactOptional(),
  json: z.union([z.boolean(), z.enum(['schema', 'object'])], 'expected schema, object, true or false').exactOptional(),
  wire: wireName.exactOptional(),
  maxTokens: z.int().min(1).max(MAX_REPLY).exactOptional(),
  reasoning: reasoning.exactOptional(),
  capabilities: words.exactOptional(),
  modalities: words.exactOptional(),
  latencyMs: amount.exactOptional(),
  tokensPerSecond: amount.exactOptional(),
  accuracy: z.number().min(0).max(1).exactOptional(),
  cost: cost.exactOptional(),
  offline: z.boolean().exactOptional(),
  paid: z.boolean().exactOptional(),
  pull: z.boolean().exactOptional(),
  form: formSchema.exactOptional(),
  cache: cacheWish.exactOptional(),
  promptCache: z.enum(PROMPT_CACHES).exactOptional(),
}

const id = z.string().regex(/^[\w.-]+[/:]\S{1,190}$/, 'expected provider/name, such as ollama/llama3.2')
const provider = z.string().regex(/^[\w.-]+$/, { error: ({ input }) => noProvider(String(input)) })
const name = z.string().regex(/^\S{1,190}$/, 'expected the name of a model')

/** A package is not a provider type. */
function noProvider(said: string): string {
  const expected = 'expected the name of a provider, such as ollama'
  const [, own] = /^@[\w.-]+\/([\w.-]+)$/.exec(said) ?? []
  if (own === undefined) return expected
  const where = `\`providers: { ${own}: { type: "${said}" } }\``
  return `${expected}; a package is named at its provider, as in ${where}: then it is \`${own}\` here`
}

/** A model in a list: `id`, or the `source` and `name` of py-orc. */
const listedModelSchema = z.strictObject({
  id: id.exactOptional(),
  source: provider.exactOptional(),
  name: name.exactOptional(),
  ...facts,
})

export const modelListSchema = z.array(listedModelSchema.transform(entryOf)).max(200)

function entryOf(
  { id, source, name, ...rest }: z.output<typeof listedModelSchema>,
  context: z.core.$RefinementCtx,
): ModelEntry {
  if ((id === undefined) === (source === undefined || name === undefined))
    context.addIssue({ code: 'custom', message: 'expected `id: provider/name`, or `source:` and `name:`' })
  return { ...rest, id: id ?? `${source}/${name}` }
}

const key = z.string().regex(/^\$\{\w+\}$/, 'expected the name of a variable as $NAME in braces, not the key itself')

/** A model in the map form of older py-orc files. The provider determines how it is called. */
const namedModelSchema = z.strictObject({
  provider,
  type: z.string().exactOptional(),
  config: z.looseObject({ model_name: name.exactOptional(), api_key: key.exactOptional() }).exactOptional(),
  ...facts,
})

/** Models by the names that pipelines use. */
export const modelMapSchema = z.record(name, namedModelSchema).transform((models): ModelEntry[] =>
  Object.entries(models).map(([called, { provider, type: _, config, aliases = [], ...rest }]) => {
    const own = config?.model_name ?? called
    return { ...rest, id: `${provider}/${own}`, ...(own === called ? {} : { aliases: [called, ...aliases] }) }
  }),
)

/** The known keys at a path below a model. */
export function modelKeysAt([key]: readonly PropertyKey[], isNamed = false): readonly string[] {
  if (key === 'cost') return Object.keys(cost.shape)
  if (key === 'form') return Object.keys(formSchema.shape)
  return Object.keys(isNamed ? namedModelSchema.shape : listedModelSchema.shape)
}

/** The first fault in the templates of models or pools, with its path. */
export async function findFormFault(
  entries: readonly Pick<ModelEntry, 'form'>[] = [],
  places: readonly PropertyKey[] = [...entries.keys()],
  below: 'models' | 'pools' = 'models',
) {
  if (entries.every(({ form }) => form === undefined)) return undefined
  const { compileForm } = await import('../model/prompt/prompt-form.ts')
  for (const [at, { form = {} }] of entries.entries())
    for (const key of ['prompt', 'system'] as const) {
      const problem = caughtFault(() => compileForm({ [key]: form[key] ?? '' }))
      if (problem) return { ...problem, path: [below, places[at]!, 'form', key] }
    }
  return undefined
}

function caughtFault(make: () => unknown): { readonly message: string; readonly hint?: string } | undefined {
  try {
    make()
    return undefined
  } catch (error) {
    const { message, hint, place } = error as InvalidError
    const where = place?.line === undefined ? '' : ` (line ${place.line}, column ${place.column} of it)`
    return { message: `${message}${where}`, ...(hint !== undefined && { hint }) }
  }
}
