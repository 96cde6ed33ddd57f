import type { RoomSample } from '../rooms/samples.ts'

/** The requests with which the tests of all routes try the ledger. */
export const sample: RoomSample = {
  calls: ({ ledger }) => [ledger.balance(), ledger.history(), ledger.receipt('citation:gate:record'), ledger.export()],
  answers: [
    ['get /ledger/balance', '/ledger/balance'],
    ['get /ledger/history', '/ledger/history'],
    ['get /ledger/receipts/{op}', '/ledger/receipts/citation:gate:record'],
  ],
  prepare: (runtime) => runtime.ledger.book('ann', { type: 'citation', ask: 'gate', record: 'record', amount: '1' }),
}
