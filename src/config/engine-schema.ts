import { z } from 'zod'
import { hasNoCredentials } from '../model/provider/base-url.ts'

const path = z.string().min(1).max(4096)
const address = z
  .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:9070' })
  .refine(hasNoCredentials, 'expected an address without a user and a password: a Restate server asks for none')
const addresses = z.preprocess(
  (given) => (given === undefined || Array.isArray(given) ? given : [given]),
  z.array(address).min(1).max(100),
)
const publicKey = z
  .string()
  .regex(/^publickeyv1_[1-9A-HJ-NP-Za-km-z]{32,64}$/, 'expected a key such as publickeyv1_2G8d…, or none')
export const redisAddress = z
  .url({ protocol: /^rediss?$/, error: 'expected an address such as redis://127.0.0.1:6379' })
  .refine(hasNoCredentials, 'expected an address without a password: that is in REDIS_PASSWORD')
const restate = z.strictObject({
  admin: addresses,
  ingress: addresses.exactOptional(),
  address: address.exactOptional(),
  host: z.string().min(1).max(255).exactOptional(),
  port: z.int().min(1).max(65_535).exactOptional(),
  reusePort: z.boolean().exactOptional(),
  connectionAge: z.number().min(1).max(86_400).exactOptional(),
  identity: z
    .union([z.literal('none'), z.array(publicKey).min(1).max(20)], 'expected none, or a list of public keys')
    .exactOptional(),
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
  redis: redisAddress.exactOptional(),
})
/** `engine:`: where the durable data of actors is. */
export const engineSchema = z.strictObject({ restate: restate.exactOptional() })

export function engineKeysAt(second: PropertyKey | undefined): readonly string[] {
  return Object.keys(second === undefined ? engineSchema.shape : restate.shape)
}
