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

/** Where the citations of an owner are paid. `onChain`: base units that the address has there. */
export const ledgerAddress = z
  .object({
    owner: z.string(),
    treasury: z.string().meta({ description: 'what pays' }),
    address: maybe(z.string()).meta({ description: 'absent: the owner has not agreed, and nothing is paid' }),
    onChain: maybe(z.string()).meta({ description: 'base units that the address has there; only if asked for' }),
  })
  .meta({ id: 'LedgerAddress' })
export type LedgerAddress = Plain<typeof ledgerAddress>

/** How far citations are paid outside. */
export const settlementReport = z
  .object({
    treasury: z.string(),
    at: z.number().meta({ description: 'the last entry of the ledger that needs no look' }),
    paid: z.number().meta({ description: 'citations that were paid' }),
    units: z.string().meta({ description: 'their base units' }),
    inFlight: maybe(z.object({ digest: z.string(), citations: z.number(), since: z.number() })).meta({
      description: 'the transaction that may be on its way',
    }),
    refused: maybe(z.array(z.object({ n: z.number(), code: z.string() }))).meta({
      description: 'citations that the chain will never pay, by the numbers of their entries; the newest 100',
    }),
    problem: maybe(z.string()).meta({ description: 'why nothing is paid now' }),
    isDue: z.boolean().meta({ description: 'it goes on by itself' }),
  })
  .meta({ id: 'SettlementReport' })
export type SettlementReport = Plain<typeof settlementReport>

/** The balance of an owner, in base units as a text. */
export type LedgerBalance = Plain<typeof ledgerBalance>
