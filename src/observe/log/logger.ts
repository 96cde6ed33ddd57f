import type { DestinationStream, Logger } from 'pino'
import { InvalidError } from '../../errors.ts'
import type { Listener } from '../observer.ts'
import { type Line, lineOfDeed, lineOfFact } from './format-line.ts'
import { prettyStream } from './pretty.ts'
import type { LogForm, LogLevel } from './settings.ts'

/** How lines are written, and where: to standard output when `to` is absent. `redact` takes out of their texts what is secret. */
export type LogOptions = {
  readonly form: Exclude<LogForm, 'none'>
  readonly level: LogLevel
  redact(text: string): string
  readonly to?: DestinationStream
}

/** Characters that wait to be written at most: what comes on top is dropped, so that no turn waits for a terminal. */
const MOST = 4 * 1024 * 1024

/** ms that a process which ends waits for who reads its lines and stands still: what is left then is dropped. */
const PATIENCE = 1_000

type Destination = DestinationStream & { flushSync?(): void }

/** Writes a line of what a person who operates this wants to know, by pino; InvalidError when that is not installed. */
export async function openLog({ form, level, redact, to }: LogOptions): Promise<Listener & { close(): void }> {
  const { pino } = await loadPino()
  const out: Destination = to ?? standardOutput(pino)
  const logger = pino(
    { level, base: { pid: process.pid }, formatters: { level: (label) => ({ level: label }) } },
    form === 'pretty' ? prettyStream(out) : out,
  )
  const seldom = createSeldom()
  const safe = (text: string) => withoutKeys(redact(text))
  const write = (line: Line | undefined) => {
    if (line && logger.isLevelEnabled(line.level) && seldom(line)) writeLine(logger, line, safe)
  }
  return {
    ended: (deed, noted, ms, trace) => write(lineOfDeed(deed, noted, ms, trace)),
    tell: (fact) => write(lineOfFact(fact)),
    close: () => out.flushSync?.(),
  }
}

async function loadPino() {
  try {
    return await import('pino')
  } catch (cause) {
    throw new InvalidError('log lines are asked for, and the package pino cannot be loaded', {
      hint: 'Install it: npm install pino@10',
      cause,
    })
  }
}

function standardOutput(pino: typeof import('pino').pino) {
  let until = Number.POSITIVE_INFINITY
  const retryEAGAIN = () => performance.now() < until
  const out = pino.destination({ dest: 1, sync: false, maxLength: MOST, retryEAGAIN })
  // who read it may go, and the work goes on
  out.on('error', () => {})
  const write = out.flushSync.bind(out)
  // pino calls it at the exit, too
  const flushSync = () => {
    until = performance.now() + PATIENCE
    try {
      write()
    } catch {
      // nobody reads it
    }
    until = Number.POSITIVE_INFINITY
  }
  return Object.assign(out, { flushSync })
}

function writeLine(
  logger: Logger,
  { level, text, fields, because, stack }: Line,
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

/** ms between two lines of a kind that would come with every flush or export of a bad day. */
const PAUSE = 10_000

function createSeldom(): (line: Line) => boolean {
  const last = new Map<string, number>()
  return ({ seldom }) => {
    if (seldom === undefined) return true
    const now = Date.now()
    if (now - (last.get(seldom) ?? 0) < PAUSE) return false
    last.set(seldom, now)
    return true
  }
}

const MARK = '[redacted]'
/** What looks like a key whosever it is. */
const SHAPES = [
  /\b[al]k_[\w-]+_[\w-]{8,}/g,
  /\b(?:sk|pk|rk|gh[opsu]|github_pat|glpat|xox[abp])[-_][\w-]{12,}/g,
  /\bAIza[\w-]{30,}/g,
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /(\/\/[^\s/:@]*:)[^\s/]+@/g,
]

/** A text without what looks like a key. */
function withoutKeys(text: string): string {
  return SHAPES.reduce((safe, shape) => safe.replace(shape, MARK), text)
}
