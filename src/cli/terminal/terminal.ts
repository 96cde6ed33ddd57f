import { clearLine, cursorTo } from 'node:readline'
import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { type Colors, sealedColors } from './colors.ts'
import { escapeControls } from './escape.ts'
import { ownStdout } from './stdout.ts'

/** Where a command runs and what it writes to: stdout is data, stderr is messages. */
export interface Terminal {
  readonly folder: string
  readonly environment: { readonly [name: string]: string | undefined }
  /** whether messages go to a screen, so that they may be redrawn */
  readonly live: boolean
  readonly rows: number
  readonly columns: number
  readonly colors: Colors
  /** whether data goes to a screen, and not into a file or to another program */
  readonly outLive: boolean
  readonly outColors: Colors
  /** Prints lines for people: no control character in them reaches the terminal, not even through a pipe. */
  out(text: string): void
  /** Prints data that is itself the result, such as an answer: a file or another program gets it unchanged. */
  data(text: string): void
  say(text: string): void
  /** Reads a line from the person at the terminal; undefined when they are gone. Absent: nobody can be asked. */
  readonly read?: (prompt: string, signal: AbortSignal) => Promise<string | undefined>
  /** As `read`, without showing the typed text. */
  readonly readHidden?: (prompt: string, signal: AbortSignal) => Promise<string | undefined>
  /** Standard input, up to that many bytes. Absent: a person is at the keyboard. */
  readonly handed?: (most: number) => Promise<string>
  /** Aborted when the reader of the data has gone. Absent: unknown. */
  readonly unread?: AbortSignal
}

/** Aborted at the signal, or when the reader of the data has gone: for views without an end. */
export function untilUnread(signal: AbortSignal, { unread }: Pick<Terminal, 'unread'>): AbortSignal {
  return unread ? AbortSignal.any([signal, unread]) : signal
}

/** This process's own terminal; a reader that went away is not an error. `color`: whether colours are wanted. */
export function processTerminal({ color = true }: { readonly color?: boolean } = {}): Terminal {
  const unread = new AbortController()
  const stdout = ownStdout()
  stdout.on('error', (error) => {
    ignoreGone(error)
    unread.abort()
  })
  for (const stream of [process.stderr, process.stdin]) stream.on('error', ignoreGone)
  const [outLive, live] = [isScreen(stdout), isScreen(process.stderr)]
  return {
    folder: process.cwd(),
    environment: process.env,
    live,
    outLive,
    // a window may change its size meanwhile
    get rows() {
      return process.stderr.rows ?? 24
    },
    get columns() {
      return process.stderr.columns ?? stdout.columns ?? 80
    },
    colors: colorsFor(live && color),
    outColors: colorsFor(outLive && color),
    out: (text) => writeAbove(stdout, `${escapeControls(text)}\n`),
    data: (text) => void stdout.write(`${stdout.isTTY ? escapeControls(text) : text}\n`),
    say: (text) => writeAbove(process.stderr, `${escapeControls(text)}\n`),
    ...(live && process.stdin.isTTY === true && { read: readLine, readHidden }),
    ...(process.stdin.isTTY !== true && { handed }),
    unread: unread.signal,
  }
}

const isScreen = (stream: NodeJS.WriteStream) =>
  stream.isTTY === true && stream.columns > 0 && process.env.TERM !== 'dumb'
const colorsFor = (live: boolean) => sealedColors(live && !process.env.NO_COLOR)

/** The line that a person is typing, if there is one. */
let typing: Interface | undefined

/** Writes text; on a screen above the line that a person is typing. */
function writeAbove(stream: NodeJS.WriteStream, text: string): void {
  if (!typing || !stream.isTTY) return void stream.write(text)
  cursorTo(process.stderr, 0)
  clearLine(process.stderr, 0)
  stream.write(text)
  typing.prompt(true)
}

/** One line from the keyboard. Ctrl-C there is the same signal as anywhere else. */
async function readLine(
  prompt: string,
  signal: AbortSignal,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string | undefined> {
  if (signal.aborted) return undefined
  const reader = createInterface({ input: process.stdin, output, terminal: true })
  if (output === process.stderr) typing = reader
  const gone = Promise.withResolvers<undefined>()
  const leave = () => {
    if (typing === reader) typing = undefined
    gone.resolve(undefined)
  }
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  reader.on('close', leave)
  reader.on('error', (error: { readonly code?: string }) => (GONE.has(error.code) ? leave() : gone.reject(error)))
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([reader.question(escapeControls(prompt), { signal }), gone.promise])
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
    reader.close()
  }
}

async function readHidden(prompt: string, signal: AbortSignal): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  process.stderr.write(escapeControls(prompt))
  try {
    return await readLine('', signal, nowhere)
  } finally {
    process.stderr.write('\n')
  }
}

/** Reads at most `most` bytes. */
async function handed(most: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > most) break
  }
  return Buffer.concat(chunks).subarray(0, most).toString()
}

/** The reader of a pipe has ended, or the terminal window was closed. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO'])

function ignoreGone(error: { readonly code?: string }): void {
  if (!GONE.has(error.code)) throw error
}

/** Resolves when all output has left this process. */
export async function flushOutput(): Promise<void> {
  await Promise.all([ownStdout(), process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
}
