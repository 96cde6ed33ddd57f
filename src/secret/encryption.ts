import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { attempt } from '../lib/flow/attempt.ts'

/** Parameters of the key derivation (scrypt), with a salt per file. */
export type Derivation = Readonly<z.infer<typeof derivation>>
/** One half encrypts, the other half verifies the passphrase. */
export type DerivedKeys = { readonly cipher: Buffer; readonly check: Buffer }

/** An encrypted text as stored; binary data in base64. */
export type Sealed = z.infer<typeof sealed>

/** About 300 ms and 32 MiB. */
const SCRYPT_COST = { N: 2 ** 15, r: 8, p: 3 } as const
/** A manipulated file must not exhaust memory. */
const MAX_SCRYPT_BYTES = 256 * 1024 * 1024

const bytes = (length: number) => z.base64().length(Math.ceil(length / 3) * 4)
const derivation = z.strictObject({
  name: z.literal('scrypt'),
  N: z.int().min(2),
  r: z.int().min(1).max(64),
  p: z.int().min(1).max(64),
  salt: bytes(16),
})
const memoryOf = ({ N, r }: Pick<Derivation, 'N' | 'r'>) => 128 * N * r

/** The schema of a file of secrets. `check` distinguishes a wrong passphrase from a changed file. */
export const sealed = z.strictObject({
  format: z.literal('antiphon-secrets'),
  version: z.literal(1),
  kdf: derivation.refine((kdf) => memoryOf(kdf) <= MAX_SCRYPT_BYTES && Number.isInteger(Math.log2(kdf.N))),
  check: bytes(16),
  nonce: bytes(12),
  tag: bytes(16),
  data: z.base64(),
})

/** New parameters with a random salt. */
export function newDerivation(cost: Pick<Derivation, 'N' | 'r' | 'p'> = SCRYPT_COST): Derivation {
  return { name: 'scrypt', ...cost, salt: randomBytes(16).toString('base64') }
}

const derive = promisify<Buffer, Buffer, number, object, Buffer>(scrypt)

export async function deriveKeys(passphrase: Buffer, { N, r, p, salt }: Derivation): Promise<DerivedKeys> {
  const maxmem = 2 * MAX_SCRYPT_BYTES
  const key = await derive(passphrase, Buffer.from(salt, 'base64'), 64, { N, r, p, maxmem })
  return { cipher: key.subarray(0, 32), check: key.subarray(32) }
}

/** Encrypts with AES-256-GCM under a fresh nonce. The header is authenticated. */
export function seal(text: string, kdf: Derivation, keys: DerivedKeys): Sealed {
  const header = { format: 'antiphon-secrets', version: 1, kdf, check: checkOf(kdf, keys) } as const
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keys.cipher, nonce).setAAD(dataOf(header))
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
  return { ...header, nonce: nonce.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data }
}

/** Whether these keys belong to the passphrase of the file. */
export function isSealedWith({ kdf, check }: Sealed, keys: DerivedKeys): boolean {
  return timingSafeEqual(Buffer.from(check, 'base64'), Buffer.from(checkOf(kdf, keys), 'base64'))
}

/** Undefined if any part was changed. */
export function unseal({ nonce, tag, data, ...header }: Sealed, keys: DerivedKeys): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', keys.cipher, Buffer.from(nonce, 'base64'))
    .setAAD(dataOf(header))
    .setAuthTag(Buffer.from(tag, 'base64'))
  return attempt(() => decipher.update(data, 'base64', 'utf8') + decipher.final('utf8'))
}

function checkOf(kdf: Derivation, keys: DerivedKeys): string {
  return createHmac('sha256', keys.check).update(textOf(kdf)).digest().subarray(0, 16).toString('base64')
}

type Header = Pick<Sealed, 'format' | 'version' | 'kdf' | 'check'>

const dataOf = ({ format, version, kdf, check }: Header) =>
  Buffer.from(JSON.stringify([format, version, textOf(kdf), check]))
const textOf = ({ name, N, r, p, salt }: Derivation) => JSON.stringify([name, N, r, p, salt])
