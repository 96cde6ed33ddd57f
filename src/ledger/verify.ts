import { parseExact } from '../kernel/json.ts'
import { MAX_SUPPLY } from './amount.ts'
import { entrySchema, type LedgerEntry, NO_HASH, sealed } from './entry.ts'

/** The format that the first line of an export names. */
export const EXPORT_FORMAT = 'antiphon-ledger/1'

/** The first line of an export: how many entries follow, the sum of their amounts (base units), and the last hash. */
export type LedgerExportHead = {
  readonly format: typeof EXPORT_FORMAT
  readonly entries: number
  readonly minted: string
  readonly hash: string
}

/** The first damage of an export: its line (from 1 on), the entry that it should be (0: the first line), and why. */
type LedgerDamage = { readonly line: number; readonly n: number; readonly why: string }

/** How far an export is sound: entries before the first damage, the sum of their amounts, and the last hash. */
export type LedgerCheck = {
  readonly ok: boolean
  readonly entries: number
  readonly minted: string
  readonly hash: string
  readonly damage?: LedgerDamage
}

/** Checks the lines of an export, one after the other: form, numbers, hashes and sum. Keeps one entry in memory. */
export async function verifyExport(pieces: AsyncIterable<string | Uint8Array>): Promise<LedgerCheck> {
  let head: LedgerExportHead | undefined
  let line = 0
  let n = 0
  let hash = NO_HASH
  let minted = 0n
  const found = (why?: string): LedgerCheck => ({
    ok: why === undefined,
    entries: n,
    minted: `${minted}`,
    hash,
    ...(why !== undefined && { damage: { line, n: line < 2 ? 0 : n + 1, why } }),
  })
  for await (const text of linesOf(pieces)) {
    line++
    if (text === undefined) return found('the line is too long for an entry')
    if (!head) {
      head = readHead(text)
      if (!head) return found(`expected a first line such as {"format":"${EXPORT_FORMAT}","entries":…}`)
      continue
    }
    const entry = readEntry(text)
    if (typeof entry === 'string') return found(entry)
    const why = faultOf(entry, n + 1, hash)
    if (why !== undefined) return found(why)
    if (minted + BigInt(entry.amount) > MAX_SUPPLY) return found('with its amount, the sum exceeds the highest supply')
    n = entry.n
    hash = entry.hash
    minted += BigInt(entry.amount)
  }
  line++
  if (!head) return found('the file is empty')
  if (n !== head.entries) return found(`the first line says ${head.entries} entries, the file ends after ${n}`)
  line = 1
  return hash === head.hash && `${minted}` === head.minted
    ? found()
    : found('`hash` and `minted` of the first line differ from those of the entries')
}

function readHead(text: string): LedgerExportHead | undefined {
  try {
    const head = parseExact(text) as LedgerExportHead
    return head.format === EXPORT_FORMAT && Number.isSafeInteger(head.entries) ? head : undefined
  } catch {
    return undefined
  }
}

/** An entry, or the fault of the line. */
function readEntry(text: string): LedgerEntry | string {
  try {
    const { data, error } = entrySchema.safeParse(parseExact(text))
    return data ?? `${error?.issues[0]?.path.join('.') || 'the entry'}: ${error?.issues[0]?.message}`
  } catch {
    return 'expected an entry as JSON'
  }
}

function faultOf(entry: LedgerEntry, n: number, previous: string): string | undefined {
  if (entry.n !== n) return `expected entry ${n}, found entry ${entry.n}`
  if (entry.previous !== previous) return '`previous` is not the hash of the entry before'
  if (entry.hash !== sealed(entry).hash) return '`hash` is not the hash of the entry: a field was changed'
  return undefined
}

/** Far more characters than an entry has. */
const MAX_LINE = 4096

/** The lines of pieces that may end anywhere; undefined, and no more: a line is too long. */
async function* linesOf(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + (typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }))).split('\n')
    rest = lines.pop()!
    for (const line of lines) yield line.length > MAX_LINE ? undefined : line
    if (rest.length > MAX_LINE) return yield undefined
  }
  if (rest !== '') yield rest
}
