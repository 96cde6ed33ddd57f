import type { Problem } from '../../../errors.ts'
import { freeze } from '../../../kernel/json.ts'
import type { EffectOutcome, Envelope } from '../../../kernel/types.ts'
import { type Bytes, bytesOf, checkedTexts, splitLast, textOf } from '../../../store/database/checked-row.ts'
import type { Database } from '../../../store/database/database.ts'
import { createQueuedMessage, type QueuedMessage } from '../activation/activation.ts'
import { unpackMailRow } from '../codec.ts'

/** Mail of the table `mail` by row number, including damaged rows. */
type MailRow = { readonly n: number; readonly letter: QueuedMessage | undefined }

/** A database of which only the committed rows are read. */
export type Readable = Pick<Database, 'all'>

type Row = {
  readonly n: number
  readonly head: Bytes
  readonly sum: number
  readonly body: Bytes
  readonly body_sum: number
}

/** All mail of the table in order. An entry has no message where the recipient of a damaged row is unknown. */
export function readMail(database: Readable): readonly MailRow[] {
  const columns = `n, ${bytesOf('id', 'head')} head, sum, cast(body as blob) body, body_sum`
  return database.all<Row>(`select ${columns} from mail order by n`).map((row) => ({ n: row.n, letter: letterIn(row) }))
}

function letterIn({ n, head: bytes, sum, body, body_sum }: Row): QueuedMessage | undefined {
  const texts = checkedTexts(bytes, sum, n)
  if (!texts) return undefined
  const [id, head] = splitLast(texts)
  const text = checkedTexts(body, body_sum, n, id)?.[0]
  return text === undefined
    ? damagedMessage(unpackMailRow(head, 'null'))
    : createQueuedMessage(freeze(unpackMailRow(head, text)), 0)
}

const DAMAGE: Problem = {
  code: 'unreadable',
  name: 'TerminalError',
  message: 'The stored message is damaged.',
  terminal: true,
}

/**
 * Mail with a readable head but a damaged body or damaged effect outcomes. A message fails with the problem `DAMAGE`,
 * and so does a caller whose answer was damaged; the kernel's own messages get harmless bodies.
 */
export function damagedMessage(envelope: Envelope): QueuedMessage {
  const { type } = envelope
  const isRun = type === 'request' || type === 'event'
  return createQueuedMessage(
    freeze(isRun ? envelope : { ...envelope, ...REPLACED_FIELDS[type] }),
    0,
    isRun ? DAMAGE : undefined,
  )
}

const FAILED_REPLY = { type: 'error', body: DAMAGE } as const
const REPLACED_FIELDS: { readonly [type in Exclude<Envelope['type'], 'request' | 'event'>]: Partial<Envelope> } = {
  response: FAILED_REPLY,
  error: FAILED_REPLY,
  down: { body: { reason: 'failed' } },
  cancel: { body: { reason: 'cancelled' } },
  watch: { body: null },
  stop: { body: null },
  resume: { body: null },
}

/** The stored outcome of an effect. Undefined if it is damaged. */
type StoredOutcome = {
  readonly message: string
  readonly recorded: readonly [name: string, outcome: EffectOutcome] | undefined
}

type OutcomeRow = { readonly message: Bytes; readonly row: Bytes; readonly sum: number }

export function readOutcomes(database: Readable): readonly StoredOutcome[] {
  const sql = `select cast(message as blob) message, ${bytesOf('name', 'outcome')} row, sum from outcome`
  return database.all<OutcomeRow>(sql).map(({ message: bytes, row, sum }) => {
    const message = textOf(bytes)
    const texts = checkedTexts(row, sum, message)
    if (!texts) return { message, recorded: undefined }
    const [name, outcome] = splitLast(texts)
    return { message, recorded: [name, JSON.parse(outcome)] }
  })
}
