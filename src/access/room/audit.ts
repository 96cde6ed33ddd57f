import type { Clock, Engine } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import { InvalidError } from '../../errors.ts'
import { type AuditEntry, auditKey } from '../audit.ts'
import type { AuditLine } from './documents.ts'
import type { Audit, AuditQuery } from './port.ts'

/** Opens the audit. */
export function openAudit({ engine, clock }: { readonly engine: Engine; readonly clock: Clock }): Audit {
  return {
    async record(entry) {
      const dated: AuditEntry = { ...entry, at: clock.now() }
      await engine.tell(auditRef(auditKey(dated)), { type: 'record', entry: dated })
    },
    async list({ after, limit = 100, ...wanted } = {}) {
      const from = after === undefined ? undefined : placeOf(after)
      const lines: AuditLine[] = []
      for (const one of await daysOf(engine, wanted)) {
        if (from && compare(one, from) < 0) continue
        const before = from && one.key === from.key ? from.n : undefined
        lines.push(...(await newest(engine, one.key, limit - lines.length, before)))
        if (lines.length === limit) break
      }
      return lines
    },
  }
}

const CURSOR = /^([^/]+\.(\d{4}-\d{2}-\d{2}))\/([1-9]\d{0,14})$/

function placeOf(cursor: string): EntryPosition & { readonly n: number } {
  const [, key, day, n] = CURSOR.exec(cursor) ?? []
  if (key === undefined)
    throw new InvalidError(`Expected a position in the audit, got ${JSON.stringify(cursor)}.`, { code: 'bad_cursor' })
  return { key, day: day!, n: Number(n) }
}

const auditRef = (key: string) => ({ kind: 'audit', key })

type EntryPosition = { readonly key: string; readonly day: string }

/** The newest day first; the owners of a day by name. */
async function daysOf(
  { view }: Engine,
  { owner, day }: Pick<AuditQuery, 'owner' | 'day'>,
): Promise<readonly EntryPosition[]> {
  const where = { ...(owner !== undefined && { owner }), ...(day !== undefined && { day }) }
  const places: EntryPosition[] = []
  for (let after: string | undefined; ; after = places.at(-1)!.key) {
    const page = await view.list('audit', { where, limit: PAGE, ...(after !== undefined && { after }) })
    places.push(...page.map(({ key, index }) => ({ key, day: String(index.day) })))
    if (page.length < PAGE) return places.sort(compare)
  }
}

const PAGE = 1000
/** ms to read the events of one day. */
const READ_TIMEOUT_MS = 2_000

const compare = (one: EntryPosition, other: EntryPosition) =>
  one.day === other.day ? Number(one.key > other.key) - Number(one.key < other.key) : one.day > other.day ? -1 : 1

/** The last `limit` events before a number, or the last of all, the newest first. */
async function newest({ view }: Engine, key: string, limit: number, before?: number): Promise<readonly AuditLine[]> {
  const last = before ?? ((await inspectOne(view, auditRef(key)))?.cell?.events ?? 0) + 1
  const lines: AuditLine[] = []
  if (last <= 1) return lines
  // retention may delete it in the meantime; it then yields nothing more
  const signal = AbortSignal.timeout(READ_TIMEOUT_MS)
  for await (const { n, body } of view.events(auditRef(key), { after: Math.max(0, last - 1 - limit), signal })) {
    if (n < last) lines.unshift({ ...(body as AuditEntry), cursor: `${key}/${n}` })
    if (n >= last - 1) break
  }
  return lines
}
