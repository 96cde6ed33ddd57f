import { z } from 'zod'
import { loginSettings } from '../access/settings.ts'
import { budgetSettings } from '../budget/settings.ts'
import { chainSettings } from '../chain/settings.ts'
import { environmentSettings } from '../environment/settings.ts'
import { fileSettings } from '../file/settings.ts'
import { hookSettings } from '../hook/settings.ts'
import { ledgerSettings } from '../ledger/settings.ts'
import { ownValue } from '../lib/own.ts'
import { timeSpanSchema } from '../lib/time/span-schema.ts'
import { memorySettings } from '../memory/settings.ts'
import { hasNoCredentials } from '../model/provider/base-url.ts'
import { findPlainKey } from '../model/provider/options.ts'
import { providerTypeFault } from '../model/provider/provider-types.ts'
import { noticeSettings } from '../notify/settings.ts'
import { LOG_FORMS, LOG_LEVELS } from '../observe/log/settings.ts'
import { scheduleSettings } from '../schedule/settings.ts'
import { isSecret } from '../secret/names.ts'
import { dataFolderFault } from './data-folder.ts'
import { engineKeysAt, engineSchema, redisAddress } from './engine-schema.ts'
import { mcpKeysAt, mcpServersSchema } from './mcp-schema.ts'
import { modelKeysAt, modelListSchema, wireName } from './models-schema.ts'
import { poolKeysAt, poolSettingsSchema, poolsSchema, resourcesSchema } from './pools-schema.ts'
import { agentSettings, mcpSchema, sandboxSchema, searchSchema, toolsSchema, webSchema } from './reach-schema.ts'

const path = z.string().min(1).max(4096)
const milliseconds = z
  .int()
  .min(1)
  .max(24 * 60 * 60 * 1000)
const timeouts = z.strictObject({
  callMs: milliseconds.exactOptional(),
  firstMs: milliseconds.exactOptional(),
  idleMs: milliseconds.exactOptional(),
})
const KEY_ERROR = 'expected the name of a secret such as secret://openai, not the key itself'
const providerKeys = z.strictObject({
  type: z
    .string()
    .min(1)
    .max(200)
    .refine((type) => providerTypeFault(type) === undefined, {
      error: ({ input }) => providerTypeFault(String(input))!,
    }),
  baseURL: z
    .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:11434/v1' })
    .refine(hasNoCredentials, 'expected an address without a user and a password: a key is named by `keyEnv` or `key`')
    .exactOptional(),
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable, not the key itself')
    .exactOptional(),
  key: z.string().refine(isSecret, KEY_ERROR).exactOptional(),
  api: z.enum(['responses', 'chat']).exactOptional(),
  factory: z
    .string()
    .regex(/^create\w+$/, 'expected the name of a function such as createMistral')
    .exactOptional(),
  options: z
    .record(z.string(), z.json())
    .superRefine((options, context) => {
      const path = findPlainKey(options)
      if (path) context.addIssue({ code: 'custom', path: [...path], message: KEY_ERROR })
    })
    .exactOptional(),
  timeouts: timeouts.exactOptional(),
  wire: wireName.exactOptional(),
})
const provider = providerKeys.refine(({ type, baseURL }) => type !== 'openai-compatible' || baseURL !== undefined, {
  path: ['baseURL'],
  error: 'expected the address of the server',
})

const words = z.array(z.string().min(1).max(100)).max(50)
const many = z.int().min(1).max(1_000_000)
const requests = z.strictObject({ perSecond: z.number().min(0.1).max(1_000_000), burst: many })
const serveKeys = z.strictObject({
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
  ui: z.boolean().exactOptional(),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://agents.example.com' })
    .refine(hasNoCredentials, 'expected an address without a user and a password')
    .exactOptional(),
  trustedProxies: z
    .array(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
        error: 'expected an address or a subnet such as 10.0.0.0/8',
      }),
    )
    .max(100)
    .exactOptional(),
  ...loginSettings,
})
const serve = serveKeys.refine(({ login, publicUrl }) => !login?.includes('wallet') || publicUrl !== undefined, {
  path: ['publicUrl'],
  error: 'expected the address that stands in the words of a login',
})

const telemetry = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:4318' })
    .refine(hasNoCredentials, 'expected an address without a password: that is in OTEL_EXPORTER_OTLP_HEADERS')
    .exactOptional(),
  service: z.string().min(1).max(200).exactOptional(),
  ratio: z.number().min(0).max(1).exactOptional(),
  metrics: z.boolean().exactOptional(),
  log: z.enum(LOG_FORMS).exactOptional(),
  level: z.enum(LOG_LEVELS).exactOptional(),
})

const mib = z.int().min(0).max(1_000_000)
const cache = z.strictObject({
  ttl: z
    .number()
    .positive()
    .max(30 * 86_400)
    .exactOptional(),
  memory: mib.exactOptional(),
  disk: mib.exactOptional(),
  redis: redisAddress.exactOptional(),
})

const days = z.number().min(0).max(36_500)

const percent = z.number().min(0).max(100)

/** `health:`: limits beyond which the process counts as degraded. */
const healthSchema = z.strictObject({
  eventLoopMs: z.number().positive().max(3_600_000).exactOptional(),
  heapPercent: percent.exactOptional(),
  filesPercent: percent.exactOptional(),
  freeDiskPercent: percent.exactOptional(),
})

const replicaSchema = z.strictObject({
  url: z.string().max(1000).startsWith('s3://', 'expected an object store such as s3://BUCKET/PREFIX'),
  every: timeSpanSchema.refine((every) => every >= 1 && every <= 3600, 'expected 1 second to 1 hour').exactOptional(),
})

/** The keys of the rooms that register themselves. */
const roomSettings = {
  ...environmentSettings,
  ...budgetSettings,
  ...fileSettings,
  ...ledgerSettings,
  ...chainSettings,
  ...agentSettings,
  ...noticeSettings,
  ...scheduleSettings,
  ...hookSettings,
  ...memorySettings,
}

/** All keys of antiphon.yaml; unknown keys are rejected. */
export const configSchema = z.strictObject({
  model: z.string().min(1).max(200).exactOptional(),
  providers: z
    .record(z.string().regex(/^[\w.-]+$/, 'expected letters, digits, dots and dashes'), provider)
    .exactOptional(),
  models: modelListSchema.exactOptional(),
  modelsFile: path.exactOptional(),
  fallbackModels: z.array(z.string().min(1).max(200)).max(20).exactOptional(),
  paidModels: z.boolean().exactOptional(),
  embedder: z
    .string()
    .max(200)
    .regex(
      /^(?:offline|none|[\w.-]+[/:]\S+)$/,
      'expected offline, none, or a model such as openai/text-embedding-3-small',
    )
    .exactOptional(),
  app: path.exactOptional(),
  plugins: z.array(path).max(100).exactOptional(),
  use: z.array(path).max(100).exactOptional(),
  around: path.exactOptional(),
  phases: z.array(path).max(100).exactOptional(),
  roots: z.array(path).max(100).exactOptional(),
  writes: z.array(path).max(100).exactOptional(),
  data: path
    .refine((data) => dataFolderFault(data) === undefined, { error: ({ input }) => dataFolderFault(String(input))! })
    .exactOptional(),
  engine: engineSchema.exactOptional(),
  durability: z.enum(['power', 'process']).exactOptional(),
  replica: replicaSchema.exactOptional(),
  telemetry: telemetry.exactOptional(),
  cores: z.number().positive().max(4096).exactOptional(),
  pool: poolSettingsSchema.exactOptional(),
  pools: poolsSchema.exactOptional(),
  resources: resourcesSchema.exactOptional(),
  cache: cache.exactOptional(),
  patience: timeSpanSchema.exactOptional(),
  reserve: z.int().min(0).max(1_000_000).exactOptional(),
  retention: z
    .strictObject({
      runs: z.int().min(0).max(10_000_000).exactOptional(),
      runDays: days.exactOptional(),
      deadLetterDays: days.exactOptional(),
      auditDays: days.exactOptional(),
    })
    .exactOptional(),
  health: healthSchema.exactOptional(),
  ...roomSettings,
  serve: serve.exactOptional(),
  web: webSchema.exactOptional(),
  sandbox: sandboxSchema.exactOptional(),
  search: searchSchema.exactOptional(),
  tools: toolsSchema.exactOptional(),
  mcp: mcpSchema.exactOptional(),
  mcpServers: mcpServersSchema.exactOptional(),
})

export type ConfigFile = z.infer<typeof configSchema>

/** The settings of rooms, which the rooms read as they are. */
export type RoomSettings = Readonly<Pick<ConfigFile, keyof typeof roomSettings>>

export function roomSettingsIn(file: ConfigFile): RoomSettings {
  return Object.fromEntries(Object.entries(file).filter(([key]) => Object.hasOwn(roomSettings, key)))
}

function originOf(url: string): string {
  return new URL(url).origin
}

const NESTED_KEYS: { readonly [key: string]: readonly string[] } = {
  telemetry: Object.keys(telemetry.shape),
  cache: Object.keys(cache.shape),
  retention: ['runs', 'runDays', 'deadLetterDays', 'auditDays'],
  health: Object.keys(healthSchema.shape),
  replica: Object.keys(replicaSchema.shape),
  web: Object.keys(webSchema.shape),
  sandbox: Object.keys(sandboxSchema.shape),
  search: Object.keys(searchSchema.shape),
  tools: Object.keys(toolsSchema.shape),
  mcp: Object.keys(mcpSchema.shape),
}

export function configKeysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, second] = path
  if (first === undefined) return Object.keys(configSchema.shape)
  if (first === 'providers' && second !== undefined)
    return Object.keys(path[2] === 'timeouts' ? timeouts.shape : providerKeys.shape)
  if (first === 'models' && second !== undefined) return modelKeysAt(path.slice(2))
  if (first === 'mcpServers' && second !== undefined) return mcpKeysAt(path.slice(2))
  if (first === 'engine') return engineKeysAt(second)
  if (first === 'serve') return Object.keys(second === 'requests' ? requests.shape : serve.shape)
  if (first === 'pool') return poolKeysAt(['pools', '', ...(second === undefined ? [] : [second])])
  if (second !== undefined && (first === 'pools' || first === 'resources')) return poolKeysAt(path)
  return ownValue(NESTED_KEYS, String(first)) ?? roomKeysAt(ownValue(roomSettings, String(first)), path.slice(1))
}

/** The keys of a map at a path in the setting of a room. A record takes any name; all items of a list have one form. */
function roomKeysAt(schema: z.core.$ZodType | undefined, [first, ...rest]: readonly PropertyKey[]): readonly string[] {
  if (schema instanceof z.ZodExactOptional)
    return roomKeysAt(schema.unwrap(), first === undefined ? [] : [first, ...rest])
  if (schema instanceof z.ZodArray) return first === undefined ? [] : roomKeysAt(schema.element, rest)
  if (schema instanceof z.ZodRecord)
    return first === undefined ? namesIn(schema.keyType) : roomKeysAt(schema.valueType, rest)
  if (!(schema instanceof z.ZodObject)) return []
  return first === undefined ? Object.keys(schema.shape) : roomKeysAt(ownValue(schema.shape, String(first)), rest)
}

/** The names that a record may have; none: any. */
const namesIn = (key: z.core.$ZodType) => (key instanceof z.ZodEnum ? key.options.map(String) : [])
