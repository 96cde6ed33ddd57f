import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { escapeControls } from './escape.ts'

/** Calls `press` with each key until the result is called. Ctrl-C is the signal that it is anywhere else. */
export function onKeys(press: (key: string) => void): () => void {
  const { stdin } = process
  if (!stdin.isTTY) return () => {}
  const take = (keys: Buffer) => {
    for (const key of String(keys))
      if (key === CTRL_C) process.kill(process.pid, 'SIGINT')
      else press(key)
  }
  stdin.setRawMode(true).on('data', take)
  return () => void stdin.off('data', take).setRawMode(false).pause()
}

const CTRL_C = '\u0003'

/** The line that a person is typing, and its prompt. */
type Typing = { readonly reader: Interface; prompt: string }

let typing: Typing | undefined
/** A text above the line that a person is typing. */
let above = ''

/** Writes text; on a screen above the line that a person is typing. */
export function writeAbove(stream: NodeJS.WriteStream, text: string): void {
  if (!typing || !stream.isTTY) return void stream.write(text)
  clearTyped(typing)
  stream.write(text)
  typing.reader.prompt(true)
}

/** Shows a text above the line that a person is typing, until there is another one; an empty one removes it. */
export function preview(text: string): void {
  above = escapeControls(text)
  if (!typing) return
  clearTyped(typing)
  showPrompt(typing)
}

/** The rows that the reader has drawn are gone, so it must not go up before it draws again. */
function clearTyped({ reader }: Typing): void {
  moveCursor(process.stderr, 0, -reader.getCursorPos().rows)
  cursorTo(process.stderr, 0)
  clearScreenDown(process.stderr)
  Object.assign(reader, { prevRows: 0 })
}

function showPrompt({ reader, prompt }: Typing): void {
  reader.setPrompt(above === '' ? prompt : `${above}\n${prompt}`)
  reader.prompt(true)
}

/** One line from the keyboard. Ctrl-C there is the same signal as anywhere else. */
export const readLine = (prompt: string, signal: AbortSignal): Promise<string | undefined> =>
  read(prompt, signal, process.stderr, (resolve) => ({ line: resolve, end: () => {} }))

/** One line from the keyboard, which is not shown. */
export async function readHidden(prompt: string, signal: AbortSignal): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  process.stderr.write(escapeControls(prompt))
  try {
    return await read('', signal, nowhere, (resolve) => ({ line: resolve, end: () => {} }))
  } finally {
    process.stderr.write('\n')
  }
}

/** The keyboard between two messages: input that was typed or pasted, and was not yet read as a message. */
const rest: { messages: string[]; lines: string[]; line: string; isPasted: boolean } = {
  messages: [],
  lines: [],
  line: '',
  isPasted: false,
}

/** The terminal marks a pasted text, so that its line breaks do not send it. */
const MARK_PASTES = '\u001b[?2004h'
const MARK_NO_PASTES = '\u001b[?2004l'
const ENTER: ReadonlySet<string | undefined> = new Set(['return', 'enter'])
const MORE = '… '

/**
 * One message from the keyboard. A pasted text keeps its line breaks, and is sent with Enter. Lines that were typed
 * ahead are messages of their own.
 */
export async function readMessage(prompt: string, signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return undefined
  const next = rest.messages.shift()
  if (next !== undefined) return next
  const first = rest.lines.length === 0 ? prompt : MORE
  return read(first, signal, process.stderr, (resolve, reader) => {
    const press = (_text: unknown, { name }: { readonly name?: string }) => {
      if (name === 'paste-start') rest.isPasted = true
      else if (name === 'paste-end') rest.isPasted = false
      // the line stays where it is, and the text above it moves on
      else if (above !== '' && typing?.reader === reader && ENTER.has(name)) {
        clearTyped(typing)
        reader.setPrompt(typing.prompt)
        reader.prompt(true)
      }
    }
    let isRead = false
    process.stdin.prependListener('keypress', press)
    process.stderr.write(MARK_PASTES)
    if (rest.line !== '') reader.write(rest.line)
    rest.line = ''
    return {
      line(text) {
        rest.lines.push(text)
        if (rest.isPasted) {
          if (typing?.reader === reader) showPrompt(Object.assign(typing, { prompt: MORE }))
          return
        }
        const message = rest.lines.join('\n')
        rest.lines = []
        if (isRead) rest.messages.push(message)
        else resolve(message)
        isRead = true
      },
      end() {
        process.stdin.off('keypress', press)
        process.stderr.write(MARK_NO_PASTES)
        rest.line = reader.line
      },
    }
  })
}

/** Takes the lines of a reader until one is the result. `end` is called before the reader closes. */
type Take = (
  resolve: (text: string) => void,
  reader: Interface,
) => { readonly line: (text: string) => void; readonly end: () => void }

async function read(
  prompt: string,
  signal: AbortSignal,
  output: NodeJS.WritableStream,
  take: Take,
): Promise<string | undefined> {
  if (signal.aborted) return undefined
  const reader = createInterface({ input: process.stdin, output, terminal: true })
  const own: Typing = { reader, prompt: escapeControls(prompt) }
  if (output === process.stderr) typing = own
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  const leave = () => {
    if (typing === own) typing = undefined
    resolve(undefined)
  }
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  reader.on('close', leave)
  reader.on('error', (error: { readonly code?: string }) => (GONE.has(error.code) ? leave() : reject(error)))
  signal.addEventListener('abort', leave, { once: true })
  if (typing === own) showPrompt(own)
  const { line, end } = take(resolve, reader)
  reader.on('line', line)
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
    end()
    reader.close()
  }
}

/** The reader of a pipe has ended, or the terminal window was closed. */
export const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO'])
