import { z } from 'zod'
import { maybe } from '../../document.ts'
import { listOf, page } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { NDJSON } from '../../house/operation.ts'
import { ownerName } from '../../house/scope.ts'
import { ledgerOperations } from '../facts.ts'
import { ledgerBalance, ledgerEntry, ledgerReceipt } from './documents.ts'

/** The ledger: balances, entries and receipts. No operation books. */
export const LEDGER_CONTRACT = describe(ledgerOperations, {
  'ledger.balance': {
    scope: 'read',
    summary: 'Show the balance of an owner',
    query: z.object({
      owner: maybe(ownerName.meta({ description: 'only for an admin. Default: the owner of the key' })),
    }),
    answer: { about: 'the balance', schema: ledgerBalance },
    errors: ['ledger_off'],
  },
  'ledger.history': {
    scope: 'read',
    summary: 'List entries of the ledger, the newest first: your own, or all for an admin',
    query: z.object({
      ...page,
      owner: maybe(
        ownerName.meta({ description: 'only for an admin. Default: your own entries, or all for an admin' }),
      ),
    }),
    answer: { about: 'a page of entries', schema: listOf(ledgerEntry) },
    errors: ['ledger_off', 'bad_cursor'],
  },
  'ledger.receipt': {
    scope: 'read',
    summary: 'Show the receipt of an operation that paid you; an admin sees all',
    // a text that names no operation is one that nobody has booked
    params: z.object({ op: z.string().min(1).max(1000) }),
    answer: { about: 'the receipt', schema: ledgerReceipt },
    errors: ['ledger_off', 'not_found'],
  },
  'ledger.export': {
    scope: 'admin',
    summary: 'Export all entries as lines of JSON, which `antiphon ledger verify` checks',
    answer: { about: 'a line about the export, then a line for each entry', type: NDJSON },
    errors: ['ledger_off'],
  },
})
