import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Plain } from '../document.ts'
import { accountSchema, operationSchema } from './operation.ts'

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')

/** The fields of an entry. */
export const entryFields = {
  n: z.int().min(1).meta({ description: 'its number; the first is 1, and there are no gaps' }),
  at: z.int().min(0).meta({ description: 'when the operation was sent, ms since the epoch' }),
  op: operationSchema.meta({ description: '`novelty:ASK:ACCOUNT` or `citation:ASK:RECORD`' }),
  account: accountSchema.meta({ description: 'the account that gets the amount' }),
  amount: z
    .string()
    .regex(/^[1-9]\d{0,19}$/)
    .meta({ description: 'base units; 1000000000 are a CHOIR' }),
  before: z.int().min(0).meta({ description: 'the entry of the same account before this one; 0: none' }),
  previous: digest.meta({ description: '`hash` of the entry before this one; zeros before the first' }),
  hash: digest.meta({ description: 'SHA-256 of the entry without this field: JSON with sorted keys and no spaces' }),
} as const

/** The form of an entry. */
export const entrySchema = z.strictObject(entryFields)

/** An entry of the ledger: an operation, booked once. `at` in ms since the epoch, `amount` in base units. */
export type LedgerEntry = Plain<typeof entrySchema>

/** The proof that an operation is booked: its entry and the hash of it. */
export type LedgerReceipt = { readonly op: string; readonly n: number; readonly hash: string }

/** The hash before the first entry. */
export const NO_HASH = '0'.repeat(64)

/** Completes an entry with its hash. All texts in it are ASCII, so the JSON is the same in every language. */
export function sealed({ n, at, op, account, amount, before, previous }: Omit<LedgerEntry, 'hash'>): LedgerEntry {
  const canonical = JSON.stringify({ account, amount, at, before, n, op, previous })
  return { n, at, op, account, amount, before, previous, hash: hash('sha256', canonical, 'hex') }
}
