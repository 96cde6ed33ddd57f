import { TerminalError } from '../../errors.ts'
import { openSettlement, useExtensions } from '../../extension/extensions.ts'
import { parseExact } from '../../kernel/json.ts'
import { formatChoir } from '../../ledger/amount.ts'
import { type LedgerCheck, type LedgerExportHead, verifyExport } from '../../ledger/verify.ts'
import { type Cli, loadSetup } from '../cli.ts'
import { isWithoutNode, NOT_EXAMINED } from '../connect/cluster.ts'
import { withReader } from '../connect/session.ts'
import { formatCount } from '../terminal/format.ts'

/** Reports on the ledger; `deep`: checks all its entries. A TerminalError names the first damaged one. */
export async function describeLedger(cli: Cli, given: string | undefined, deep: boolean): Promise<string> {
  const setup = await loadSetup(cli, given)
  if (!setup.ledger) return 'off'
  if (await isWithoutNode(setup.data)) return NOT_EXAMINED
  let head: Pick<LedgerExportHead, 'entries' | 'minted'> = { entries: 0, minted: '0' }
  let check: LedgerCheck | undefined
  const where = { command: 'antiphon ledger', ...(given !== undefined && { data: given }), without: () => 0 }
  await withReader(cli, where, async ({ client: { ledger } }) => {
    if (deep) head = check = await verifyExport(ledger.export())
    else
      for await (const first of ledger.export()) {
        head = parseExact(first) as LedgerExportHead
        break
      }
    return 0
  })
  const { n, why } = check?.damage ?? {}
  if (why !== undefined) throw new TerminalError(`Entry ${n} is damaged: ${why}.`, { hint: 'Restore a backup.' })
  const sum = `${formatCount(head.entries, 'entry')}, ${formatChoir(head.minted)}`
  const chain = deep ? 'the chain of hashes is sound' : 'doctor --deep checks the chain of hashes'
  const { settlement } = setup.ledger
  if (settlement) {
    await useExtensions(setup.use ?? [], setup.folder ?? '.')
    // refuses wrong settings; the key is not read
    openSettlement({ settings: settlement, key: async () => '' }, setup)
  }
  const { treasury } = settlement ?? {}
  return `${sum}; ${chain}${treasury ? `; citations are paid from ${treasury}: antiphon ledger reconcile` : ''}`
}
