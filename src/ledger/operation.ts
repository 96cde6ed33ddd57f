import { hash } from 'node:crypto'
import { z } from 'zod'

/** The part of an operation that stands for an ask or a record: an id with a colon or a `#` becomes a digest. */
const idIn = (id: string): string => (/^[\w.~-]{1,100}$/.test(id) ? id : hash('sha256', id, 'base64url').slice(0, 22))

/** The reward of an ask for what is new in it: one for each ask and account. */
export const noveltyOperation = (ask: string, account: string): string => `novelty:${idIn(ask)}:${account}`

/** The reward for a record that an ask cites: one for both. */
export const citationOperation = (ask: string, record: string): string => `citation:${idIn(ask)}:${idIn(record)}`

/** The id of an operation, in its only form. */
export const operationSchema = z
  .string()
  .regex(/^(?:novelty|citation):[\w.~-]{1,100}:[\w.~-]{1,100}$/, 'expected novelty:ASK:ACCOUNT or citation:ASK:RECORD')

/** A random id of an account. It says nothing of its owner. */
export const accountSchema = z.string().regex(/^acc_[\w-]{16}$/, 'expected the id of an account')
