import type { RoomSample } from '../rooms/samples.ts'

/** The requests with which the tests of all routes try the ledger. */
export const sample: RoomSample = {
  calls: ({ ledger }) => [
    ledger.balance(),
    ledger.history(),
    ...[ledger.receipt('citation:gate:record'), ledger.export()],
    ...[ledger.address(), ledger.setAddress({ address: null }), ledger.settle({ signs: false })],
  ],
  answers: [
    ['get /ledger/balance', '/ledger/balance'],
    ['get /ledger/history', '/ledger/history'],
    ['get /ledger/receipts/{op}', '/ledger/receipts/citation:gate:record'],
    ['get /ledger/address', '/ledger/address'],
    ['put /ledger/address', '/ledger/address', { address: null }],
  ],
  bodies: { 'put /ledger/address': { address: null }, 'post /ledger/settle': {} },
  prepare: (runtime) => runtime.ledger.book('ann', { type: 'citation', ask: 'gate', record: 'record', amount: '1' }),
}
