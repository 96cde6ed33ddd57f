import type { ErrorCodes } from '../errors.ts'

/** The error codes of the ledger. */
export const ledgerCodes = {
  ledger_off: { status: 409, exit: 2, means: 'antiphon.yaml does not turn the ledger on' },
  bad_amount: { as: 'InvalidError', means: 'an amount is not a whole number of base units above zero, as a text' },
  mint_exceeds_cap: { status: 409, exit: 1, means: 'with this amount, more than the highest supply would exist' },
  daily_cap: { status: 409, exit: 1, means: 'with this amount, the day would exceed a limit under `ledger:`' },
  operation_conflict: { status: 409, exit: 2, means: 'the operation is booked with another amount or account' },
  settlement_off: { status: 409, exit: 2, means: 'antiphon.yaml names no settlement of the ledger, or no extension' },
} as const satisfies ErrorCodes

/** The operations of the ledger. None of them books, and none names an amount or a recipient. */
export const ledgerOperations = {
  'ledger.balance': { method: 'get', path: '/ledger/balance', takes: ['...'] },
  'ledger.history': { method: 'get', path: '/ledger/history', takes: ['...'], gives: 'items' },
  'ledger.receipt': { method: 'get', path: '/ledger/receipts/{op}', takes: ['op'] },
  'ledger.address': { method: 'get', path: '/ledger/address', takes: ['...'] },
  'ledger.setAddress': { method: 'put', path: '/ledger/address', takes: ['...'] },
  'ledger.settle': { method: 'post', path: '/ledger/settle', takes: ['...'] },
  'ledger.export': { method: 'get', path: '/ledger/export', takes: [], gives: 'ndjson' },
} as const
