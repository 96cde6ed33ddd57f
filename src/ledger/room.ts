/**
 * The ledger: what owners were paid for asks and citations, in a chain of hashes that nobody can change unnoticed. It
 * is off until antiphon.yaml says `ledger: local`. It knows nothing of asks: whoever completes one sends a reward
 * (`rewardFor` in `account.ts`).
 */

import type { Room } from '../house/room.ts'
import { ACCOUNT_KIND, accountActor } from './account.ts'
import { LEDGER, LEDGER_WORK, ledgerActor } from './actor.ts'
import { LEDGER_CONTRACT } from './room/contract.ts'
import { type LedgerNeeds, openLedger } from './room/open-port.ts'
import type { LedgerPort, LedgerView } from './room/port.ts'
import { lendSettlement } from './room/settle.ts'
import { viewLedger } from './room/view.ts'
import { SETTLEMENT_KIND, settlementActor } from './settlement.ts'

/** The ledger: one actor with all entries, and one for each account. */
export const ledgerRoom: Room<LedgerPort, LedgerView, LedgerNeeds> = {
  contract: LEDGER_CONTRACT,
  // also while it is off: operations sent before are booked, and owners can be forgotten
  actors: ({ ledger }, house) => [ledgerActor(ledger), accountActor(), settlementActor(lendSettlement(house))],
  owns: [
    { kind: ACCOUNT_KIND, place: 'ledger accounts', isKeyedByOwner: true },
    { kind: LEDGER.kind, stays: 'its entries name accounts by random ids, and without the account nobody' },
    { kind: SETTLEMENT_KIND, stays: 'an address leaves with its account; the chain keeps what was paid, for good' },
  ],
  open: openLedger,
  view: viewLedger,
  async begin({ engine, config }) {
    if (config.ledger) await engine.start({ only: LEDGER_WORK })
    return undefined
  },
}
