import { z } from 'zod'
import { maybe, type Plain } from '../../document.ts'
import { exactNumber, parseExact } from '../../kernel/json.ts'
import { faultText, validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import { newRecordSchema, recordSource } from '../record.ts'
import { TIERS } from '../tier/decide.ts'
import { lineFault } from './line-fault.ts'

/** The format that the first line of an export names. */
export const EXPORT_FORMAT = 'antiphon-memory/1'

const instant = z.int().min(-8.64e15).max(8.64e15)

/** The first line of an export. It names no owner. */
const headSchema = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  exportedAt: instant,
  records: maybe(z.int().min(0)).meta({ description: 'how many lines follow' }),
})

export type ExportHead = Plain<typeof headSchema>

/** A record with its history, as a line of an export. */
const exportedSchema = newRecordSchema
  .safeExtend({
    source: maybe(
      recordSource.refine(
        ({ madeOf: { records = [], files = [] } = {}, ...source }) =>
          [...Object.values(source), ...records, ...files].every((text) => !text?.includes('\0')),
        'expected texts without NUL characters',
      ),
    ),
    tier: maybe(z.enum(TIERS)),
    accepted: maybe(z.literal(true)).meta({ description: 'a person has accepted a fact of a model or a run' }),
    hash: maybe(z.string().regex(/^[\w-]{1,64}$/)).meta({
      description: 'of the content as it was added, if it was another; of a passage: its id',
    }),
    learnedAt: maybe(instant).meta({ description: 'absent: when it is imported' }),
    withdrawnAt: maybe(instant).meta({ description: 'when the change that added it was undone' }),
    ends: maybe(z.array(z.strictObject({ at: instant, knownAt: instant })).max(1000)).meta({
      description: 'where facts that are erased ended it',
    }),
  })
  .refine(({ learnedAt = Number.NEGATIVE_INFINITY, withdrawnAt = learnedAt }) => learnedAt <= withdrawnAt, {
    path: ['withdrawnAt'],
    error: 'expected a time after learnedAt',
  })

export type ExportedRecord = Plain<typeof exportedSchema>

/** Reads the first line. @throws InvalidError for another file */
export function readHead(text: string): ExportHead {
  const hint = `Expected an export of antiphon, whose first line is {"format":"${EXPORT_FORMAT}","exportedAt":…}.`
  return checkLine(headSchema, parseLine(text, 1, hint), 1, hint) as ExportHead
}

/** An export from the future: what was forgotten since would come back. @throws InvalidError for one */
export function checkExportedAt({ exportedAt }: ExportHead, now: number): void {
  if (exportedAt <= now) return
  throw lineFault(1, 'exportedAt: expected a time that is not in the future', {
    path: 'exportedAt',
    hint: 'One of the two clocks is wrong. To import also what was forgotten since the export: --with-forgotten',
  })
}

/** Reads a record. `now`: no record may be learned later. @throws InvalidError with the number of the line */
export function readRecord(text: string, line: number, now: number): ExportedRecord {
  const record = checkLine(exportedSchema, parseLine(text, line), line) as ExportedRecord
  const { learnedAt = now, withdrawnAt = now } = record
  if (learnedAt <= now && withdrawnAt <= now) return record
  const path = learnedAt > now ? 'learnedAt' : 'withdrawnAt'
  throw lineFault(line, `${path}: expected a time that is not in the future`, { path })
}

function parseLine(text: string, line: number, hint?: string): unknown {
  try {
    return parseExact(text, asWritten)
  } catch (error) {
    throw lineFault(line, `expected JSON: ${(error as Error).message}`, { hint })
  }
}

/** A number of an export stays a number. In other files, a number that would lose digits becomes a text. */
const asWritten = (value: number, written: string) => (String(value) === written ? value : exactNumber(value, written))

function checkLine(schema: z.ZodType, value: unknown, line: number, hint?: string): unknown {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  const [fault] = validationIssues(error.issues, value)
  throw lineFault(line, fault ? faultText(fault) : error.message, { path: fault?.path.join('.') ?? '', hint })
}
