/**
 * The signatures of webhooks: Standard Webhooks, Stripe and GitHub. All are HMAC-SHA256 over the bytes as they came.
 * Pure: the time and the secrets are given.
 */

import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { InvalidError, TerminalError } from '../errors.ts'
import { present } from '../lib/json/present.ts'
import type { Scheme } from './definition.ts'

/** A request as it came. */
export type RawDelivery = { readonly body: Uint8Array; header(name: string): string | undefined }

/**
 * A delivery whose signature fits. `id`: the same for each repetition; absent: its body names it. `unsigned`: what
 * GitHub says in headers that it does not sign.
 */
export type Verified = {
  readonly id?: string
  readonly unsigned?: { readonly event?: string; readonly delivery?: string }
}

/** A signed time may be this far from now. */
const TOLERANCE_SECONDS = 300
/** Signatures of a header that are compared. */
const MAX_SIGNATURES = 10
const MAX_ID = 256

type Signed = {
  /** the text before the body */
  readonly prefix: string
  readonly signatures: readonly Buffer[]
  /** seconds since the epoch; absent: nothing signs a time */
  readonly at?: number
} & Verified

/**
 * Verifies a delivery. `now` in ms since the epoch.
 * @throws `hook_signature`, `hook_time`, and `hook_secret` for a secret that is none of the scheme
 */
export function verifyDelivery(
  scheme: Scheme,
  secrets: readonly string[],
  delivery: RawDelivery,
  now: number,
): Verified {
  const keys = secrets.map((secret) => READERS[scheme].key(secret))
  const { prefix, signatures, at, ...known } = READERS[scheme].read(delivery)
  let fits = false
  for (const key of keys) {
    const expected = createHmac('sha256', key).update(prefix).update(delivery.body).digest()
    // all are compared, so that the time tells nothing of the place of a match
    for (const given of signatures.slice(0, MAX_SIGNATURES)) if (isSame(expected, given)) fits = true
  }
  if (!fits) throw badSignature('the signature does not fit the body and the secret')
  if (at !== undefined && Math.abs(now / 1000 - at) > TOLERANCE_SECONDS) throw wrongTime(at, now)
  return known
}

function isSame(expected: Buffer, given: Buffer): boolean {
  const isWhole = given.length === expected.length
  return timingSafeEqual(expected, isWhole ? given : Buffer.alloc(expected.length)) && isWhole
}

type Reader = { key(secret: string): Buffer; read(delivery: RawDelivery): Signed }

const READERS: { readonly [Name in Scheme]: Reader } = {
  standard: {
    key: standardKey,
    read({ header }) {
      // Svix signs in the same way under names of its own
      const names = header('webhook-id') === undefined && header('svix-id') !== undefined ? 'svix' : 'webhook'
      const id = short(`${names}-id`, needed(header, `${names}-id`))
      const stamp = needed(header, `${names}-timestamp`)
      const signatures = needed(header, `${names}-signature`)
        .split(' ')
        .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []))
      return { prefix: `${id}.${stamp}.`, signatures, at: secondsOf(stamp), id }
    },
  },
  stripe: {
    key: plainKey,
    read({ header }) {
      const fields = needed(header, 'stripe-signature').split(',')
      const valuesOf = (name: string) =>
        fields.flatMap((field) => (field.trim().startsWith(`${name}=`) ? [field.trim().slice(name.length + 1)] : []))
      const [stamp = ''] = valuesOf('t')
      return { prefix: `${stamp}.`, signatures: valuesOf('v1').map(hex), at: secondsOf(stamp) }
    },
  },
  github: {
    key: plainKey,
    read({ header, body }) {
      const [, signature = ''] = /^sha256=([0-9a-f]{64})$/i.exec(needed(header, 'x-hub-signature-256')) ?? []
      const optional = (name: string) => short(name, header(name))
      const unsigned = present({ event: optional('x-github-event'), delivery: optional('x-github-delivery') })
      // nothing signs the id in the header, so the body is the id
      return { prefix: '', signatures: [hex(signature)], id: hash('sha256', body), unsigned }
    },
  },
}

const hex = (text: string) => Buffer.from(text, 'hex')

function secondsOf(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw badSignature('the signature has no time')
}

function needed(header: RawDelivery['header'], name: string): string {
  const value = header(name)
  if (value === undefined || value === '') throw badSignature(`the header \`${name}\` is missing`)
  return value
}

/** A header that is stored. */
function short<Value extends string | undefined>(name: string, value: Value): Value {
  if (value === undefined || value.length <= MAX_ID) return value
  throw badSignature(`\`${name}\` has more than ${MAX_ID} characters`)
}

/** The key of Standard Webhooks: `whsec_` and base64. */
function standardKey(secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  if (key.length >= 16) return key
  throw new TerminalError('Expected a secret whsec_… with at least 16 bytes in base64.', { code: 'hook_secret' })
}

function plainKey(secret: string): Buffer {
  if (secret.length >= 8) return Buffer.from(secret)
  throw new TerminalError('Expected a secret of at least 8 characters.', { code: 'hook_secret' })
}

const badSignature = (why: string) =>
  new InvalidError(`The delivery is refused: ${why}.`, {
    code: 'hook_signature',
    hint: 'Check `verify` and the secret of the hook, and that nothing between changes the body.',
  })

const wrongTime = (at: number, now: number) =>
  new InvalidError(
    `The delivery is refused: it was signed at ${at}, and it is ${Math.floor(now / 1000)} (seconds since the epoch).`,
    { code: 'hook_time', hint: `A delivery counts for ${TOLERANCE_SECONDS / 60} minutes. Check the clocks.` },
  )
