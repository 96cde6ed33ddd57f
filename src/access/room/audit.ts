import { type Clock, type Engine, inspectOne } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { ACT_KIND, type Act, dayOf } from '../../house/act.ts'
import type { By } from '../../house/by.ts'
import { callerOf } from '../../house/request-caller.ts'
import { allows, type KeyScope, scopeMissing } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { isToolNamed } from '../../tool/tool.ts'
import { type AuditEntry, auditKey } from '../audit.ts'
import type { ActsQuery, Audit } from './port.ts'

export function openAudit({ engine, clock }: { readonly engine: Engine; readonly clock: Clock }): Audit {
  return {
    async record(entry) {
      const dated: AuditEntry = { ...entry, at: clock.now() }
      await engine.tell({ kind: 'audit', key: auditKey(dated) }, { type: 'record', entry: dated })
    },
    async list({ of = 'requests', ...query }: Query = {}) {
      return (await linesOf(engine, of === 'acts' ? ACT_KIND : 'audit', query)) as never
    },
  }
}

type Query = Omit<ActsQuery, 'of'> & { readonly of?: 'acts' | 'requests' }
type Line = (AuditEntry | Act) & { readonly cursor: string }

async function linesOf(
  engine: Engine,
  kind: string,
  { after, limit = 100, since = 0, tool, by, only, ...wanted }: Omit<Query, 'of'>,
): Promise<readonly Line[]> {
  const from = after === undefined ? undefined : placeOf(after)
  const oldest = dayOf(Math.min(Math.max(since, 0), MAX_TIME))
  // without a filter, no more is read than is asked for
  const size = (tool ?? by ?? only) === undefined && since === 0 ? limit : PAGE
  const isWanted = (line: Line) =>
    line.at >= since &&
    (tool === undefined || isAbout(line, tool)) &&
    (by === undefined || isOf(line, by)) &&
    (only === undefined || isBy(line, only))
  const lines: Line[] = []
  for (const one of await daysOf(engine, kind, wanted)) {
    if (one.day < oldest) break
    if (from && compare(one, from) < 0) continue
    const before = from && one.key === from.key ? from.n : undefined
    for await (const line of newestFirst(engine, { kind, key: one.key }, { size, before })) {
      if (!isWanted(line)) continue
      lines.push(line)
      if (lines.length === limit) return lines
    }
  }
  return lines
}

/** The last time that a date can have. */
const MAX_TIME = 8.64e15

const isAbout = (line: Line, tool: string) => 'tool' in line && line.tool !== undefined && isToolNamed(line.tool, tool)

/** Whether somebody of that name did it, be the name known or typed. */
const isOf = (line: Line, name: string) => 'by' in line && (line.by?.name === name || line.by?.typed === name)

/** Whether this caller did it: one of the same kind, name and key, whatever name it typed. */
const isBy = (line: Line, { type, name, id }: By) =>
  'by' in line && line.by?.type === type && line.by.name === name && line.by.id === id

const CURSOR = /^([^/]+\.(\d{4}-\d{2}-\d{2}))\/([1-9]\d{0,14})$/

function placeOf(cursor: string): EntryPosition & { readonly n: number } {
  const [, key, day, n] = CURSOR.exec(cursor) ?? []
  if (key === undefined)
    throw new InvalidError(`Expected a position in the audit, got ${JSON.stringify(cursor)}.`, { code: 'bad_cursor' })
  return { key, day: day!, n: Number(n) }
}

type EntryPosition = { readonly key: string; readonly day: string }

/** The newest day first; the owners of a day by name. */
async function daysOf(
  { view }: Engine,
  kind: string,
  { owner, owners, day }: Pick<ActsQuery, 'owner' | 'owners' | 'day'>,
): Promise<readonly EntryPosition[]> {
  const where = { ...(owner !== undefined && { owner }), ...(day !== undefined && { day }) }
  const places: (EntryPosition & { readonly owner: string })[] = []
  for (let after: string | undefined; ; after = places.at(-1)!.key) {
    const page = await view.list(kind, { where, limit: PAGE, ...(after !== undefined && { after }) })
    places.push(...page.map(({ key, index }) => ({ key, day: String(index.day), owner: String(index.owner) })))
    if (page.length < PAGE) break
  }
  return places.filter((one) => owners === undefined || owners.includes(one.owner)).sort(compare)
}

type Scoped = { readonly scopes: readonly KeyScope[] }

/**
 * The audit as a caller may read it: with `audit`, staff get the acts on the work of their owners, and an admin gets
 * all. Any other caller gets its own acts.
 */
export function viewAudit(
  audit: Audit,
  { caller, isAdmin, seen }: Pick<Viewer, 'isAdmin' | 'seen'> & { readonly caller: Viewer['caller'] & Scoped },
): Pick<Audit, 'list'> {
  async function list(query: Query = {}) {
    if (isAdmin) return audit.list(query as ActsQuery)
    const isWhole = allows(caller.scopes, 'audit')
    if (query.of !== 'acts' && (isWhole || query.of)) throw scopeMissing('admin', caller)
    const only = isWhole ? undefined : callerOf()
    if (!isWhole && !only) throw scopeMissing('audit', caller)
    return audit.list({ ...query, of: 'acts', ...(only && { only }), ...(seen !== 'all' && { owners: seen }) })
  }
  return { list: list as Audit['list'] }
}

const PAGE = 1000
/** ms to read a page of the events of one day. */
const READ_TIMEOUT_MS = 2_000

const compare = (one: EntryPosition, other: EntryPosition) =>
  one.day === other.day ? Number(one.key > other.key) - Number(one.key < other.key) : one.day > other.day ? -1 : 1

/** The events of a day before a number, or all of them, the newest first. They are read page by page. */
async function* newestFirst(
  { view }: Engine,
  ref: ActorRef,
  { size, before }: { readonly size: number; readonly before: number | undefined },
): AsyncGenerator<Line> {
  const last = before ?? ((await inspectOne(view, ref))?.cell?.events ?? 0) + 1
  for (let end = last; end > 1; end -= size) {
    const lines: Line[] = []
    // retention may delete it in the meantime; it then yields nothing more
    const signal = AbortSignal.timeout(READ_TIMEOUT_MS)
    for await (const { n, body } of view.events(ref, { after: Math.max(0, end - 1 - size), signal })) {
      if (n < end) lines.unshift({ ...(body as AuditEntry | Act), cursor: `${ref.key}/${n}` })
      if (n >= end - 1) break
    }
    yield* lines
  }
}
