import { z } from 'zod'
import { LEVELS } from '../model/choose.ts'
import { LOG_FORMS, LOG_LEVELS } from '../observe/log/settings.ts'

const path = z.string().min(1).max(4096)
const provider = z.strictObject({
  type: z.literal('openai-compatible'),
  baseURL: z.url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:11434/v1' }),
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable, not the key itself')
    .exactOptional(),
})

const words = z.array(z.string().min(1).max(100)).max(50)
const amount = z.number().min(0)
const model = z.strictObject({
  id: z.string().regex(/^[\w.-]+[/:]\S{1,190}$/, 'expected provider/name, such as ollama/llama3.2'),
  aliases: words.exactOptional(),
  size: z
    .union([z.number().positive(), z.string().regex(/^\d+(\.\d+)?\s*[kmbt]?$/i, 'expected a size such as 8b')])
    .exactOptional(),
  expertise: z.union([z.enum(LEVELS), words]).exactOptional(),
  capabilities: words.exactOptional(),
  modalities: words.exactOptional(),
  latencyMs: amount.exactOptional(),
  tokensPerSecond: amount.exactOptional(),
  accuracy: z.number().min(0).max(1).exactOptional(),
  cost: z.strictObject({ input: amount, output: amount }).exactOptional(),
  paid: z.boolean().exactOptional(),
})

const holdsNobody = (url: string) => URL.parse(url)?.username === '' && URL.parse(url)?.password === ''
const address = z
  .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:9070' })
  .refine(holdsNobody, 'expected an address without a user and a password: a Restate server asks for none')
/** One, or several in a list. */
const addresses = z.preprocess(
  (given) => (given === undefined || Array.isArray(given) ? given : [given]),
  z.array(address).min(1).max(100),
)
const publicKey = z
  .string()
  .regex(/^publickeyv1_[1-9A-HJ-NP-Za-km-z]{32,64}$/, 'expected a key such as publickeyv1_2G8d…, or none')
const restate = z.strictObject({
  admin: addresses,
  ingress: addresses.exactOptional(),
  address: address.exactOptional(),
  host: z.string().min(1).max(255).exactOptional(),
  port: z.int().min(1).max(65_535).exactOptional(),
  reusePort: z.boolean().exactOptional(),
  connectionAge: z.number().min(1).max(86_400).exactOptional(),
  identity: z.union([z.literal('none'), z.array(publicKey).min(1).max(20)]).exactOptional(),
  namespace: z
    .string()
    .regex(/^(?!restate)[a-zA-Z][a-zA-Z0-9-]{0,99}$/, 'expected letters, digits and dashes, not beginning with restate')
    .exactOptional(),
  release: z
    .string()
    .regex(/^[\w-]{1,100}$/, 'expected letters, digits, dashes and underscores')
    .exactOptional(),
  eager: z.boolean().exactOptional(),
  shared: path.exactOptional(),
  redis: z
    .url({ protocol: /^rediss?$/, error: 'expected an address such as redis://127.0.0.1:6379' })
    .refine(holdsNobody, 'expected an address without a password: that is in REDIS_PASSWORD')
    .exactOptional(),
})
const engine = z.strictObject({ restate: restate.exactOptional() })

const many = z.int().min(1).max(1_000_000)
const requests = z.strictObject({ perSecond: z.number().min(0.1).max(1_000_000), burst: many })
const serve = z.strictObject({
  maxBody: z
    .int()
    .min(1024)
    .max(64 * 1024 * 1024)
    .exactOptional(),
  requests: requests.exactOptional(),
  concurrent: many.exactOptional(),
  streams: many.exactOptional(),
  origins: z
    .array(
      z.url({ protocol: /^https?$/, error: 'expected an origin such as https://app.example.com' }).transform(originOf),
    )
    .max(100)
    .exactOptional(),
  tools: words.exactOptional(),
  trustedProxies: z
    .array(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
        error: 'expected an address or a subnet such as 10.0.0.0/8',
      }),
    )
    .max(100)
    .exactOptional(),
})

const telemetry = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:4318' })
    .refine(holdsNobody, 'expected an address without a password: that is in OTEL_EXPORTER_OTLP_HEADERS')
    .exactOptional(),
  service: z.string().min(1).max(200).exactOptional(),
  ratio: z.number().min(0).max(1).exactOptional(),
  metrics: z.boolean().exactOptional(),
  log: z.enum(LOG_FORMS).exactOptional(),
  level: z.enum(LOG_LEVELS).exactOptional(),
})

const days = z.number().min(0).max(36_500)

/** What may stand in antiphon.yaml; nothing else may. */
export const configSchema = z.strictObject({
  model: z.string().min(1).max(200).exactOptional(),
  providers: z
    .record(z.string().regex(/^[\w.-]+$/, 'expected letters, digits, dots and dashes'), provider)
    .exactOptional(),
  models: z.array(model).max(200).exactOptional(),
  paidModels: z.boolean().exactOptional(),
  embedder: z.enum(['offline', 'none']).exactOptional(),
  plugins: z.array(path).max(100).exactOptional(),
  roots: z.array(path).max(100).exactOptional(),
  data: path.exactOptional(),
  engine: engine.exactOptional(),
  durability: z.enum(['power', 'process']).exactOptional(),
  telemetry: telemetry.exactOptional(),
  pool: z
    .strictObject({
      workers: z.int().min(1).max(1000).exactOptional(),
      queue: z.int().min(0).max(100_000).exactOptional(),
    })
    .exactOptional(),
  retention: z
    .strictObject({
      runs: z.int().min(0).max(10_000_000).exactOptional(),
      runDays: days.exactOptional(),
      deadLetterDays: days.exactOptional(),
      auditDays: days.exactOptional(),
    })
    .exactOptional(),
  serve: serve.exactOptional(),
})

export type ConfigFile = z.infer<typeof configSchema>

function originOf(url: string): string {
  return new URL(url).origin
}

const NESTED: { readonly [key: string]: readonly string[] } = {
  pool: ['workers', 'queue'],
  telemetry: Object.keys(telemetry.shape),
  retention: ['runs', 'runDays', 'deadLetterDays', 'auditDays'],
}

/** The keys that are known at a path of the file. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, second] = path
  if (first === undefined) return Object.keys(configSchema.shape)
  if (first === 'providers' && second !== undefined) return Object.keys(provider.shape)
  if (first === 'models' && second !== undefined)
    return Object.keys(path[2] === 'cost' ? model.shape.cost.unwrap().shape : model.shape)
  if (first === 'engine') return Object.keys(second === undefined ? engine.shape : restate.shape)
  if (first === 'serve') return Object.keys(second === 'requests' ? requests.shape : serve.shape)
  return NESTED[String(first)] ?? []
}
