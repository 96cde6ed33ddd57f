import { pageOf } from '../../house/common-fields.ts'
import { scopeMissing } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import type { LedgerPort, LedgerView } from './port.ts'

/** The ledger of the caller: its own balance, entries and receipts. An admin sees all. */
export function viewLedger(ledger: LedgerPort, { caller, isAdmin }: Pick<Viewer, 'caller' | 'isAdmin'>): LedgerView {
  const own = { owner: caller.owner }
  function checkAdmin(owner?: string): void {
    if (owner !== caller.owner && !isAdmin) throw scopeMissing('admin')
  }
  return {
    async balance({ owner = caller.owner } = {}) {
      checkAdmin(owner)
      return ledger.balance({ owner })
    },
    async history({ owner, ...page }) {
      if (owner !== undefined) checkAdmin(owner)
      const whose = owner !== undefined ? { owner } : isAdmin ? {} : own
      return pageOf(await ledger.history({ ...page, ...whose }), page.limit, ({ n }) => String(n))
    },
    receipt: async (op) => ledger.receipt(op, isAdmin ? {} : own),
    address: async (query) => ledger.address({ ...query, ...own }),
    setAddress: async (to) => ledger.setAddress(to, own),
    async settle(options) {
      checkAdmin()
      return ledger.settle(options)
    },
    markRead: async (n) => ledger.markRead(n, own),
    async readAmong(entries, { owner }) {
      checkAdmin(owner)
      return ledger.readAmong(entries, { owner })
    },
    export() {
      checkAdmin()
      return ledger.export()
    },
  }
}
