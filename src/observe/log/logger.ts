import type { DestinationStream, Logger } from 'pino'
import { InvalidError } from '../../errors.ts'
import { installCommand } from '../../lib/package/manifest.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import type { ObserverListener } from '../observer.ts'
import { eventLogLine, type LogLine, spanLogLine } from './format-line.ts'
import type { LogForm, LogLevel } from './settings.ts'

/** The format and target of log lines; standard output when `to` is absent. `redact` removes secrets from texts. */
type LogOptions = {
  readonly form: Exclude<LogForm, 'none'>
  readonly level: LogLevel
  redact(text: string): string
  readonly to?: DestinationStream
}

/** Maximum characters waiting to be written. More lines are dropped, so that no turn waits for a terminal. */
const MAX_QUEUED_LENGTH = 4 * 1024 * 1024

/** How long an ending process waits for a reader that stalls; the remaining lines are dropped. */
const CLOSE_TIMEOUT_MS = 1_000

type Destination = DestinationStream & { flushSync?(): void }

/** Writes log lines for operators with pino; InvalidError when pino is not installed. */
export async function openLog({ form, level, redact, to }: LogOptions): Promise<ObserverListener & { close(): void }> {
  const { pino } = await loadPino()
  const out: Destination = to ?? standardOutput(pino)
  const logger = pino(
    { level, base: { pid: process.pid }, formatters: { level: (label) => ({ level: label }) } },
    form === 'pretty' ? prettyStream(out) : out,
  )
  const seldom = createRateLimit()
  const safe = (text: string) => redactKeys(redact(text))
  const write = (line: LogLine | undefined) => {
    if (line && logger.isLevelEnabled(line.level) && seldom(line)) writeLine(logger, line, safe)
  }
  return {
    ended: (info, noted, ms, trace) => write(spanLogLine(info, noted, ms, trace)),
    tell: (fact) => write(eventLogLine(fact)),
    close: () => out.flushSync?.(),
  }
}

const loadPino = () =>
  import('pino').catch((cause) => {
    const hint = `Install it: ${installCommand('pino')}`
    throw new InvalidError('Logging is enabled, but the package pino cannot be loaded.', { hint, cause })
  })

function standardOutput(pino: typeof import('pino').pino) {
  let until = Number.POSITIVE_INFINITY
  const retryEAGAIN = () => performance.now() < until
  const out = pino.destination({ dest: 1, sync: false, maxLength: MAX_QUEUED_LENGTH, retryEAGAIN })
  // the reader of the log may disappear, and work continues
  out.on('error', () => {})
  const write = out.flushSync.bind(out)
  // pino calls it at the exit, too
  const flushSync = () => {
    until = performance.now() + CLOSE_TIMEOUT_MS
    try {
      write()
    } catch {
      // the reader is gone
    }
    until = Number.POSITIVE_INFINITY
  }
  return Object.assign(out, { flushSync })
}

function writeLine(
  logger: Logger,
  { level, text, fields, because, stack }: LogLine,
  redact: (text: string) => string,
): void {
  const safe = Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value])
  const why = because === undefined ? undefined : redact(because)
  const shown = {
    ...Object.fromEntries(safe),
    ...(why !== undefined && { problem: why.slice(0, 500) }),
    ...(stack !== undefined && { stack: redact(stack) }),
  }
  logger[level](shown, redact(text) + (why === undefined ? '' : `: ${why.slice(0, 200)}`))
}

/** Minimum time between two lines of a kind that every flush or export would repeat on a bad day. */
const MIN_REPEAT_INTERVAL_MS = 10_000

function createRateLimit(): (line: LogLine) => boolean {
  const last = new Map<string, number>()
  return ({ seldom }) => {
    if (seldom === undefined) return true
    const now = Date.now()
    if (now - (last.get(seldom) ?? 0) < MIN_REPEAT_INTERVAL_MS) return false
    last.set(seldom, now)
    return true
  }
}

const REDACTED = '[redacted]'
/** Patterns of texts that look like keys. */
const KEY_SHAPES = [
  /\b[al]k_[\w-]+_[\w-]{8,}/g,
  /\b(?:sk|pk|rk|gh[opsu]|github_pat|glpat|xox[abp])[-_][\w-]{12,}/g,
  /\bAIza[\w-]{30,}/g,
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /(\/\/[^\s/:@]*:)[^\s/]+@/g,
]

/** A text without what looks like a key. */
const redactKeys = (text: string): string => KEY_SHAPES.reduce((safe, shape) => safe.replace(shape, REDACTED), text)

/**
 * Log lines for a terminal: time, level, message and ids. Text from
 * pipelines and users starts no new line and does not control the terminal.
 */
function prettyStream(to: DestinationStream): DestinationStream {
  return { write: (line) => void to.write(prettyLine(line)) }
}

function prettyLine(line: string): string {
  const {
    level,
    time,
    pid: _,
    msg,
    ...fields
  } = JSON.parse(line) as {
    readonly level: string
    readonly time: number
    readonly pid: number
    readonly msg: string
  }
  const ids = Object.entries(fields).filter(([name, value]) => name !== 'problem' && !isShownField(msg, String(value)))
  const pairs = ids.map(([name, value]) => ` ${name}=${value}`).join('')
  return `${new Date(time).toISOString().slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${showOnOneLine(msg + pairs)}\n`
}

/** Whether the words already contain the value as a separate word. */
function isShownField(words: string, value: string): boolean {
  if (value === '') return true
  const isPart = (sign = '') => /[\w-]/.test(sign)
  for (let at = words.indexOf(value); at !== -1; at = words.indexOf(value, at + 1))
    if (!isPart(words[at - 1]) && !isPart(words[at + value.length])) return true
  return false
}
