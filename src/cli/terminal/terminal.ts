import { isUtf8 } from 'node:buffer'
import { InvalidError } from '../../errors.ts'
import { type Colors, escapeControls, sealedColors } from './escape.ts'
import { formsOver } from './forms.ts'
import { GONE, preview, readHidden, readLine, readMessage, writeAbove } from './keyboard.ts'
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
  /** Prints a value as indented JSON on stdout. */
  json(value: unknown): void
  /** Prints a value as JSON on one line of stdout. */
  jsonLine(value: unknown): void
  /** Prints each text on exactly one line of stdout. */
  lines(texts: readonly string[]): void
  /**
   * Prints rows under a head on stdout, in columns. A table that is wider than the screen has its widest columns cut; a
   * file or another program gets the whole text. `isFailed` tells which rows are red.
   */
  table(
    head: readonly string[],
    rows: readonly (readonly string[])[],
    isFailed?: (row: readonly string[]) => boolean,
  ): void
  /** Reads a line from the person at the terminal; undefined when they are gone. Absent: nobody can be asked. */
  readonly read?: (prompt: string, signal: AbortSignal) => Promise<string | undefined>
  /**
   * Reads a message: as `read`, but a pasted text is one message with its line breaks, a line that was typed ahead
   * comes first, and text that was typed before an interruption is still there.
   */
  readonly readMessage?: Terminal['read']
  /** Shows a text above the line that a person types, until there is another one; an empty one removes it. */
  readonly preview?: (text: string) => void
  /** As `read`, without showing the typed text. */
  readonly readHidden?: (prompt: string, signal: AbortSignal) => Promise<string | undefined>
  /** Standard input, whole. InvalidError above that many bytes, or unless it is UTF-8. Absent: it is a keyboard. */
  readonly handed?: (most: number) => Promise<string>
  /** Standard input as it arrives. Absent: a person is at the keyboard. */
  readonly input?: AsyncIterable<Uint8Array>
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
  const terminal = {
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
    out: (text: string) => writeAbove(stdout, `${escapeControls(text)}\n`),
    data: (text: string) => void stdout.write(`${stdout.isTTY ? escapeControls(text) : text}\n`),
    say: (text: string) => writeAbove(process.stderr, `${escapeControls(text)}\n`),
    ...(live && process.stdin.isTTY === true && { read: readLine, readMessage, readHidden, preview }),
    ...(process.stdin.isTTY !== true && {
      handed,
      get input() {
        return process.stdin.iterator({ destroyOnReturn: false })
      },
    }),
    unread: unread.signal,
  }
  return Object.assign(terminal, formsOver(terminal))
}

const isScreen = (stream: NodeJS.WriteStream) =>
  stream.isTTY === true && stream.columns > 0 && process.env.TERM !== 'dumb'
const colorsFor = (live: boolean) => sealedColors(live && !process.env.NO_COLOR)

async function handed(most: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  // if the loop ended the stream, the stream would fail
  for await (const chunk of process.stdin.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk)
    size += chunk.length
    if (size > most)
      throw new InvalidError(`Expected at most ${Math.floor(most / 1024)} KiB of text on standard input.`)
  }
  const bytes = Buffer.concat(chunks)
  if (!isUtf8(bytes))
    throw new InvalidError('Standard input is not valid UTF-8.', { hint: 'Convert it: iconv -t UTF-8' })
  return bytes.toString()
}

function ignoreGone(error: { readonly code?: string }): void {
  if (!GONE.has(error.code)) throw error
}

/** Resolves when all output has left this process. */
export async function flushOutput(): Promise<void> {
  await Promise.all([ownStdout(), process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
}
