import { z } from 'zod'
import { maybe, type Plain, schemaOf } from '../../document.ts'
import { entryFields, type LedgerReceipt } from '../entry.ts'

export const ledgerEntry = z.object(entryFields).meta({ id: 'LedgerEntry' })

export const ledgerReceipt = schemaOf<LedgerReceipt>()(
  z.object({ op: entryFields.op, n: entryFields.n, hash: entryFields.hash }).meta({ id: 'LedgerReceipt' }),
)

export const ledgerBalance = z
  .object({
    owner: z.string(),
    account: maybe(z.string()).meta({ description: 'its random id in entries; absent: it has had no reward' }),
    balance: z.string().meta({ description: 'base units; 1000000000 are a CHOIR' }),
    entries: z.number().meta({ description: 'how many operations gave it' }),
  })
  .meta({ id: 'LedgerBalance' })

/** The balance of an owner, in base units as a text. */
export type LedgerBalance = Plain<typeof ledgerBalance>
