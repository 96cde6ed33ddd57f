import { z } from 'zod'

const path = z.string().min(1).max(4096)
const provider = z.strictObject({
  type: z.literal('openai-compatible'),
  baseURL: z.url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:11434/v1' }),
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable, not the key itself')
    .exactOptional(),
})

/** What may stand in antiphon.yaml; nothing else may. */
export const configSchema = z.strictObject({
  model: z.string().min(1).max(200).exactOptional(),
  providers: z
    .record(z.string().regex(/^[\w.-]+$/, 'expected letters, digits, dots and dashes'), provider)
    .exactOptional(),
  embedder: z.enum(['offline', 'none']).exactOptional(),
  plugins: z.array(path).max(100).exactOptional(),
  roots: z.array(path).max(100).exactOptional(),
  data: path.exactOptional(),
  pool: z
    .strictObject({
      workers: z.int().min(1).max(1000).exactOptional(),
      queue: z.int().min(0).max(100_000).exactOptional(),
    })
    .exactOptional(),
})

export type ConfigFile = z.infer<typeof configSchema>

/** The keys that are known at a path of the file. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, second] = path
  if (first === undefined) return Object.keys(configSchema.shape)
  if (first === 'providers' && second !== undefined) return Object.keys(provider.shape)
  return first === 'pool' ? ['workers', 'queue'] : []
}
