import { z } from 'zod'
import { maybe } from '../../document.ts'
import type { ModelChoice } from '../../thread/protocol/phase-types.ts'
import { CHAIN_PHASES, type UpstreamPhase } from './phase-names.ts'

/** A thread in the form that upstream uses. */
export const threadId = z.guid('a UUID is expected, such as 7f4df1a0-3c62-4f5e-9d1b-2a5f0c7e8b11')

/** A field that upstream has and antiphon lacks: it is accepted only if it has no meaning. */
const refused = (why: string) => maybe(z.null(why))
const KEYS = 'keys of providers are not taken in requests: give them to the server, in its environment or antiphon.yaml'
const TUNING = 'this is set for a model in antiphon.yaml, and not by a request: leave it out'

const modelConfig = z.strictObject({
  provider: z.string().min(1).max(100),
  model_name: z.string().min(1).max(200),
  temperature: refused(TUNING),
  max_tokens: refused(TUNING),
  openai_api_key: refused(KEYS),
  anthropic_api_key: refused(KEYS),
  google_api_key: refused(KEYS),
  mistral_api_key: refused(KEYS),
  aws_access_key_id: refused(KEYS),
  aws_secret_access_key: refused(KEYS),
  aws_region: refused(KEYS),
  openrouter_api_key: refused(KEYS),
  groq_api_key: refused(KEYS),
})
type ModelConfigs = { readonly [Phase in UpstreamPhase]?: z.infer<typeof modelConfig> }

const modelConfigs: z.ZodType<ModelConfigs> = z.strictObject({
  action: maybe(modelConfig),
  experience_vectors: maybe(modelConfig),
  experience_web: maybe(modelConfig),
  intention: maybe(modelConfig),
  observation: maybe(modelConfig),
  understanding: maybe(modelConfig),
  yield: maybe(modelConfig),
})

/** A request of upstream's clients. */
export const chatRequest = z.strictObject({
  user_query: z.string().min(1).max(100_000),
  thread_id: threadId,
  model_configs: maybe(modelConfigs.nullable()).meta({ description: 'which model answers in which phase' }),
  share: maybe(z.boolean()).meta({
    description: 'whether the question becomes a prior when it is answered; absent: if the owner has agreed',
  }),
  priors: maybe(z.boolean()).meta({ description: 'questions that others have shared are searched' }),
  stream: maybe(z.literal(true)).meta({ description: 'it always does' }),
})

/** The models of a request, by the phase names of the chain. */
export function modelsOf(configs: ModelConfigs | null | undefined): ModelChoice | undefined {
  const chosen = Object.entries(configs ?? {}).map(([phase, { provider, model_name }]) => [
    CHAIN_PHASES[phase as UpstreamPhase],
    `${provider}/${model_name}`,
  ])
  return chosen.length > 0 ? Object.fromEntries(chosen) : undefined
}
