import type { EngineView } from '../../engine/engine.ts'
import { NotFoundError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { keyIn } from '../../house/paging.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { type Json, parseNow } from '../../kernel/schema.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { type AccountState, accountRef, READ, readPartName, rewardFor, rewardSchema } from '../account.ts'
import type { AccountPart, LedgerState, OperationPart } from '../actor.ts'
import { accountPartName, LEDGER, LEDGER_WORK, operationPartName } from '../actor.ts'
import { readAmount } from '../amount.ts'
import { type LedgerEntry, type LedgerReceipt, NO_HASH } from '../entry.ts'
import { EXPORT_FORMAT, type LedgerExportHead, verifyExport } from '../verify.ts'
import type { LedgerNeeds } from './open-port.ts'
import type { LedgerPort } from './port.ts'
import { settles } from './settle.ts'

/** Entries that one read looks at for those of an account, and lines of a piece of an export. */
const WINDOW = 200

/** Reads and books in the ledger of a house. */
export function useLedger(house: Pick<House, 'engine' | 'checkOwner' | 'secret'> & LedgerNeeds): LedgerPort {
  const { engine, checkOwner } = house
  const { view } = engine
  const part = (name: string) => readSinglePart(view.parts, LEDGER, name)
  const accountOf = async (owner: string) => ((await view.peek(accountRef(owner))) as AccountState | undefined)?.account
  const partOf = async (account: string) => (await part(accountPartName(account))) as AccountPart | undefined

  async function* exported(): AsyncGenerator<string> {
    const { n, hash, minted } = ((await view.peek(LEDGER)) ?? NOTHING) as LedgerState
    yield `${JSON.stringify({ format: EXPORT_FORMAT, entries: n, minted, hash } satisfies LedgerExportHead)}\n`
    let piece = ''
    for await (const entry of entriesIn(view, 0, n)) {
      piece += `${JSON.stringify(entry)}\n`
      if (entry.n % WINDOW !== 0 && entry.n < n) continue
      yield piece
      piece = ''
    }
  }

  return {
    async balance({ owner = LOCAL_OWNER } = {}) {
      const account = await accountOf(owner)
      if (account === undefined) return { owner, balance: '0', entries: 0 }
      const { balance = '0', entries = 0 } = (await partOf(account)) ?? {}
      return { owner, account, balance, entries }
    },
    async history({ owner, after, limit = 100 } = {}) {
      const before = Number(keyIn(after, (text) => /^[1-9]\d{0,15}$/.test(text)).after ?? Number.MAX_SAFE_INTEGER)
      if (owner === undefined) {
        const { n: last = 0 } = ((await view.peek(LEDGER)) ?? {}) as Partial<LedgerState>
        const end = Math.min(last, before - 1)
        return (await readEntries(view, Math.max(0, end - limit), end)).reverse()
      }
      const account = await accountOf(owner)
      const newest = account === undefined ? undefined : await partOf(account)
      return newest ? entriesOf(view, newest.last, before, limit) : []
    },
    async receipt(op, { owner } = {}) {
      const booked = (await part(operationPartName(op))) as OperationPart | undefined
      if (!booked || (owner !== undefined && booked.account !== (await accountOf(owner))))
        throw new NotFoundError(`There is no receipt of ${op}.`, { hint: 'antiphon ledger history lists operations.' })
      return { op, n: booked.n, hash: booked.hash }
    },
    async markRead(n, { owner = LOCAL_OWNER } = {}) {
      await checkOwner(owner)
      const account = await accountOf(owner)
      const [entry] = account === undefined ? [] : await readEntries(view, n - 1, n)
      if (entry?.account !== account || !entry?.op.startsWith('citation:'))
        throw new NotFoundError(`There is no citation ${n} that paid ${owner}.`)
      await engine.ask(accountRef(owner), { type: 'read', n }, { correlationId: LEDGER_WORK })
    },
    async readAmong(entries, { owner = LOCAL_OWNER } = {}) {
      const read = new Set<number>()
      if (entries.length === 0) return read
      const [after, last] = [readPartName(Math.min(...entries) - 1), Math.max(...entries)]
      for await (const [name] of view.parts(accountRef(owner), { prefix: READ, after })) {
        const n = Number(name.slice(READ.length))
        if (n > last) break
        if (entries.includes(n)) read.add(n)
      }
      return read
    },
    ...settles(house),
    export: exported,
    verify: (pieces = exported()) => verifyExport(pieces),
    async book(owner, reward) {
      parseNow(rewardSchema, reward, 'reward')
      readAmount(reward.amount)
      await checkOwner(owner)
      const { to, body, correlationId } = rewardFor(owner, reward)
      return (await engine.ask(to, body as Json, { correlationId: correlationId! })) as LedgerReceipt
    },
  }
}

const NOTHING: LedgerState = { n: 0, hash: NO_HASH, minted: '0' }

/** The entries after a number, up to another. */
async function* entriesIn(view: EngineView, after: number, last: number): AsyncGenerator<LedgerEntry> {
  if (last <= after) return
  for await (const { n, body } of view.events(LEDGER, { after, live: false })) {
    yield body as LedgerEntry
    if (n >= last) return
  }
}

async function readEntries(view: EngineView, after: number, last: number): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = []
  for await (const entry of entriesIn(view, after, last)) found.push(entry)
  return found
}

/** Entries of one account, the newest first: each names the one before. Those below `before`, at most `limit`. */
async function entriesOf(
  view: EngineView,
  newest: number,
  before: number,
  limit: number,
): Promise<readonly LedgerEntry[]> {
  const found: LedgerEntry[] = []
  let window = new Map<number, LedgerEntry>()
  for (let n = newest; n > 0 && found.length < limit; ) {
    if (!window.has(n)) {
      const read = await readEntries(view, Math.max(0, n - WINDOW), n)
      window = new Map(read.map((entry) => [entry.n, entry]))
    }
    const entry = window.get(n)!
    if (n < before) found.push(entry)
    n = entry.before
  }
  return found
}
