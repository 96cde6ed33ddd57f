import type { Plain } from '../../document.ts'
import type { importReport } from '../documents.ts'
import type { Cause } from '../memory.ts'
import { checkExportedAt, EXPORT_FORMAT, type ExportedRecord, type ExportHead, readHead, readRecord } from './line.ts'
import { lineFault } from './line-fault.ts'
import { type NdjsonPieces, splitLines } from './split-lines.ts'

/** Export and import of one memory as NDJSON: a first line about the export, then a line for each record. */
export interface MemoryTransfer {
  /**
   * All records with their history, in pieces of whole lines. The reader sets the pace. Error `erased_meanwhile` if
   * records are forgotten before the last piece.
   */
  export(): AsyncIterable<string>
  /**
   * Imports all lines as one change, or none of them. The same lines again change nothing. InvalidError with the line
   * that is wrong, error `record_conflict` if an id has other content.
   */
  import(pieces: NdjsonPieces, options?: ImportOptions): Promise<ImportReport>
}

/** The rule for a record whose id has other content. `newer`: the record that was learned later stays. */
export type ConflictRule = 'error' | 'skip' | 'newer'

export type ImportOptions = {
  /** default: error */
  readonly onConflict?: ConflictRule
  /** checks and counts only */
  readonly dryRun?: boolean
  /** also imports records that were forgotten after the export was made */
  readonly withForgotten?: boolean
  /** An import with the id of an earlier one does nothing, and gives its report. */
  readonly id?: string
}

/** How many lines of an import were added, and why others were not. `change` is absent if nothing changed. */
export type ImportReport = Plain<typeof importReport>

export type ImportCounts = Omit<ImportReport, 'change' | 'dryRun'>

/** The place after which an export goes on, and where it ends. */
export type ExportPosition = {
  readonly after: number
  readonly last: number
  /** the newest change before the export */
  readonly change: number
}

/** The start of an export: how many records there are, and where. */
export type ExportStart = Omit<ExportPosition, 'after'> & { readonly records: number }

/** Lines of records, and the place of the last one. */
export type ExportPage = { readonly text: string; readonly after: number }

/** A record of an import, checked, with its line. */
export type ImportedLine = { readonly line: number; readonly record: ExportedRecord & { readonly learnedAt: number } }

/** A portion of an import under the id of its staging. `since`: records that were forgotten later are left out. */
export type ImportPortion = {
  readonly staging: string
  readonly lines: readonly ImportedLine[]
  readonly onConflict: ConflictRule
  readonly since: number
}

/** The start of an import. `report`: an import with its id is done already. `change`: the newest change before it. */
export type ImportStart =
  | { readonly staging: string; readonly change: number; readonly cause: Cause }
  | { readonly report: ImportReport }

export type ImportEnd = Exclude<ImportStart, { readonly report: unknown }> & { readonly onConflict: ConflictRule }

/** The store of one memory as a transfer needs it. */
export interface TransferStore {
  /** Erases what has expired. Undefined for an owner without records. */
  startExport(): Promise<ExportStart | undefined>
  exportPage(position: ExportPosition): Promise<ExportPage>
  beginImport(id: string | undefined): Promise<ImportStart>
  /** Stores records where no query sees them. */
  stageImport(portion: ImportPortion): Promise<ImportCounts>
  /** Shows what is staged, as one change. */
  finishImport(end: ImportEnd): Promise<number | undefined>
  dropImport(staging: string): Promise<unknown>
  /** Erases what has expired or was dropped. */
  erase(): Promise<void>
}

/** Records and characters of a portion: it is one transaction. */
const MAX_PORTION = { records: 500, characters: 1024 * 1024 }

/** The transfer of a memory. `now`: ms since the epoch. */
export function transferOf(store: TransferStore, now: () => number): MemoryTransfer {
  return {
    async *export() {
      const exportedAt = now()
      const { records, last, change } = (await store.startExport()) ?? { records: 0, last: 0, change: 0 }
      if (records > 0) await store.erase()
      yield `${JSON.stringify({ format: EXPORT_FORMAT, exportedAt, records } satisfies ExportHead)}\n`
      for (let after = 0; after < last; ) {
        const page = await store.exportPage({ after, last, change })
        if (page.text !== '') yield page.text
        after = page.after
      }
    },
    async import(pieces, { onConflict = 'error', dryRun = false, withForgotten = false, id } = {}) {
      const begun = await store.beginImport(id)
      if ('report' in begun) return begun.report
      const { staging } = begun
      try {
        let counts: ImportCounts = { added: 0, same: 0, skipped: 0, replaced: 0, forgotten: 0 }
        for await (const { head, lines } of portionsOf(pieces, { now, withForgotten })) {
          const since = withForgotten ? Number.POSITIVE_INFINITY : head.exportedAt
          counts = sum(counts, await store.stageImport({ staging, lines, onConflict, since }))
        }
        if (dryRun) {
          await store.dropImport(staging)
          return { ...counts, dryRun }
        }
        const change = await store.finishImport({ ...begun, onConflict })
        return { ...counts, ...(change !== undefined && { change }) }
      } catch (error) {
        // its remains are erased when the file is opened
        await store.dropImport(staging).catch(() => {})
        throw error
      } finally {
        await store.erase().catch(() => {})
      }
    },
  }
}

/** Checked records in portions, with the first line of their file. The last portion may be empty. */
async function* portionsOf(
  pieces: NdjsonPieces,
  { now, withForgotten }: { readonly now: () => number; readonly withForgotten: boolean },
) {
  let head: ExportHead | undefined
  let learnedAt = 0
  let lines: ImportedLine[] = []
  let characters = 0
  let records = 0
  for await (const { line, text } of splitLines(pieces)) {
    if (!head) {
      head = readHead(text)
      // an export may be piped into the import while it is made
      learnedAt = now()
      if (!withForgotten) checkExportedAt(head, learnedAt)
      continue
    }
    lines.push({ line, record: { learnedAt, ...readRecord(text, line, Math.max(learnedAt, head.exportedAt)) } })
    records++
    characters += text.length
    if (lines.length < MAX_PORTION.records && characters < MAX_PORTION.characters) continue
    yield { head, lines }
    lines = []
    characters = 0
  }
  if (!head) throw lineFault(1, 'expected the first line of an export, got an empty file')
  const expected = head.records ?? records
  if (records !== expected)
    throw lineFault(1, `expected ${expected} records after this line, got ${records}: the file is not whole`)
  yield { head, lines }
}

const sum = (one: ImportCounts, other: ImportCounts, unpinned = (one.unpinned ?? 0) + (other.unpinned ?? 0)) => ({
  added: one.added + other.added,
  same: one.same + other.same,
  skipped: one.skipped + other.skipped,
  replaced: one.replaced + other.replaced,
  forgotten: one.forgotten + other.forgotten,
  ...(unpinned > 0 && { unpinned }),
})
