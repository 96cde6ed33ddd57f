import { TerminalError } from '../../errors.ts'
import type { ExtendedProject } from '../../extension/extensions.ts'
import type { House } from '../../house/house.ts'
import type { LedgerSettings } from '../settings.ts'
import type { LedgerPort } from './port.ts'

/** The keys that the ledger reads; without `ledger` it is off. */
export type LedgerNeeds = { readonly config: { readonly ledger?: LedgerSettings } & ExtendedProject }

/** The ledger of a house. Its code is loaded with the first use. */
export function openLedger(house: Pick<House, 'engine' | 'checkOwner' | 'secret'> & LedgerNeeds): LedgerPort {
  const used = async () => {
    if (!house.config.ledger) throw ledgerOff()
    return (await import('./use-ledger.ts')).useLedger(house)
  }
  return {
    balance: async (options) => (await used()).balance(options),
    history: async (query) => (await used()).history(query),
    receipt: async (op, options) => (await used()).receipt(op, options),
    markRead: async (n, options) => (await used()).markRead(n, options),
    readAmong: async (entries, options) => (await used()).readAmong(entries, options),
    address: async (options) => (await used()).address(options),
    setAddress: async (to, options) => (await used()).setAddress(to, options),
    settle: async (options) => (await used()).settle(options),
    async *export() {
      yield* (await used()).export()
    },
    verify: async (pieces) => (await used()).verify(pieces),
    book: async (owner, reward) => (await used()).book(owner, reward),
  }
}

/** The error for a ledger that antiphon.yaml does not turn on. */
export const ledgerOff = () =>
  new TerminalError('The ledger is off.', { code: 'ledger_off', hint: 'To turn it on: ledger: local in antiphon.yaml' })
