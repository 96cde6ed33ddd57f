import { z } from 'zod'
import { maybe } from '../../document.ts'
import { listOf, page } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { NDJSON } from '../../house/operation.ts'
import { ownerName } from '../../house/scope.ts'
import { ledgerOperations } from '../facts.ts'
import { ledgerAddress, ledgerBalance, ledgerEntry, ledgerReceipt, settlementReport } from './documents.ts'

/** The ledger: balances, entries, receipts and payments. No operation books. */
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
  'ledger.address': {
    scope: 'read',
    summary: 'Show where your citations are paid',
    query: z.object({
      chain: maybe(z.stringbool({ truthy: ['true'], falsy: ['false'] })).meta({
        description: 'also ask what the address has there',
      }),
    }),
    answer: { about: 'the address, if you have agreed', schema: ledgerAddress },
    errors: ['ledger_off', 'settlement_off'],
  },
  'ledger.setAddress': {
    scope: 'ask',
    summary: 'Agree that your citations are paid to an address, in public and for good; or take that back',
    body: z.union([
      z.strictObject({ address: z.string().min(1).max(200), agreed: z.literal(true) }),
      z.strictObject({ address: z.null() }),
    ]),
    answer: { about: 'the address, if you have agreed', schema: ledgerAddress },
    errors: ['ledger_off', 'settlement_off', 'invalid_input'],
  },
  'ledger.settle': {
    scope: 'admin',
    summary: 'Pay citations that are due, or only find out what became of the transaction in flight',
    body: z.strictObject({ signs: maybe(z.boolean()).meta({ description: 'false: signs no new transaction' }) }),
    answer: { about: 'how far it is', schema: settlementReport },
    errors: ['ledger_off', 'settlement_off'],
  },
  'ledger.export': {
    scope: 'admin',
    summary: 'Export all entries as lines of JSON, which `antiphon ledger verify` checks',
    answer: { about: 'a line about the export, then a line for each entry', type: NDJSON },
    errors: ['ledger_off'],
  },
})
