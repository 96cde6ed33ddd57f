import { isUtf8 } from 'node:buffer'
import type { Readable, Writable } from 'node:stream'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { RetryableError, TerminalError } from '../../../errors.ts'
import { decodeText, encodingNote, isDecoded } from '../../../lib/encoding/encoding.ts'
import type { Talk } from '../../../sandbox/process/run-process.ts'
import { plainText } from '../settings.ts'
import { joinLines, type ReadLine, readLine, replyIn, unreadableReply } from './read-line.ts'
import { sayOnce } from './say-once.ts'

export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/** Maximum characters of a server's stderr in an error. */
const MAX_COMPLAINT = 1000

/** Lines in a row that are not messages, after which the connection ends. */
const MAX_STRAY_LINES = 100

/** ms for a reply that can be read, after one that cannot: a server may log its reply before it sends it. */
const LOGGED_MS = 250

/**
 * Splits messages into lines. A line that is not a message is skipped, as other clients do, and reported once. A reply
 * that cannot be read fails its request.
 */
export function lineTransport(name: string, notice: (line: string) => void) {
  let stdin: Writable | undefined
  let fault: Error | undefined
  let isOver = false
  let strayLines = 0
  let noise = ''
  let complaint = ''
  let onFault = () => {}
  const early: string[] = []
  const tellOnce = sayOnce(notice)
  const pending = new Set<string>()
  const joined = joinLines(MAX_MESSAGE_BYTES)

  function finish(reason: Error | undefined): void {
    if (isOver) return
    isOver = true
    fault = reason
    stdin?.end()
    transport.onclose?.()
  }

  function fail(reason: Error): void {
    finish(reason)
    onFault()
  }

  function hear(bytes: Buffer): void {
    if (isOver) return
    const { line, note, fault } = lineIn(name, bytes)
    if (line.trim() === '') return
    if (note !== undefined) tellOnce(note, 'encoding')
    if (fault !== undefined) take(replyIn(line, pending), fault)
    else for (const whole of joined(line)) if (!isOver) take(readLine(whole, pending), whole)
  }

  function take(read: ReadLine, line: string): void {
    if (read.type === 'messages') {
      strayLines = 0
      if (read.isOdd) tellOnce(oddLine(name, plainText(line, 200)), 'odd')
      for (const message of read.messages) receive(message)
      return
    }
    noise = plainText(line, 200)
    if (read.type === 'unreadable')
      setTimeout(() => pending.has(read.id) && receive(unreadableReply(read.id, line)), LOGGED_MS).unref()
    else tellOnce(strayLine(name, noise), 'stray')
    if (++strayLines >= MAX_STRAY_LINES) fail(notMessages(name, noise))
  }

  function receive(message: JSONRPCMessage): void {
    if (!('method' in message)) pending.delete(String(message.id))
    transport.onmessage?.(message)
  }

  const talk: Talk = (streams) => {
    stdin = streams.stdin
    // the server has ended: its process reports that
    stdin.on('error', () => {})
    for (const line of early.splice(0)) stdin.write(line)
    streams.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-MAX_COMPLAINT)
    })
    readLines(streams.stdout, hear, () => fail(tooLong(name)))
  }

  const transport: Transport & { fault(): Error | undefined; stderr: null; pid: null } = {
    // the SDK recognises a stdio transport by these two
    stderr: null,
    pid: null,
    fault: () => fault,
    async start() {},
    async close() {},
    async send(message: JSONRPCMessage) {
      if (isOver) throw fault ?? new RetryableError(`The MCP server ${name} has ended.`, { code: 'mcp_gone' })
      const line = `${JSON.stringify(message)}\n`
      noteRequest(pending, message)
      if (stdin) stdin.write(line)
      else early.push(line)
    },
  }

  return {
    transport,
    talk,
    complaint: () => plainText([noise, complaint].filter((text) => text !== '').join(' '), MAX_COMPLAINT),
    onFault: (act: () => void) => (onFault = act),
    end: finish,
    closed: () => finish(undefined),
  }
}

/** Remembers a request until its reply, or until it is cancelled. */
function noteRequest(pending: Set<string>, message: JSONRPCMessage): void {
  if (!('method' in message)) return
  if ('id' in message) pending.add(String(message.id))
  else if (message.method === 'notifications/cancelled') pending.delete(String(message.params?.requestId))
}

/** A line as text, and what a person should know about its encoding. `fault`: it has a byte that cannot be read. */
type Heard = { readonly line: string; readonly note?: string | undefined; readonly fault?: string }

function lineIn(name: string, bytes: Buffer): Heard {
  if (isUtf8(bytes)) return { line: bytes.toString('utf8') }
  const read = decodeText(bytes)
  if (isDecoded(read)) return { line: read.text, note: encodingNote(`A line of the MCP server ${name}`, read) }
  const fault = `a line that ${read.fault}`
  const note = `The MCP server ${name} wrote ${fault}. antiphon skips such lines.`
  return { line: bytes.toString('latin1'), note, fault }
}

/** Calls `hear` with each line of a stream, without its end. */
export function readLines(stream: Readable, hear: (line: Buffer) => void, tooMuch: () => void): void {
  let parts: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)])
      parts = []
      size = 0
      rest = rest.subarray(end + 1)
      hear(line)
    }
    size += rest.length
    if (size > MAX_MESSAGE_BYTES) {
      parts = []
      size = 0
      tooMuch()
    } else if (rest.length > 0) parts.push(rest)
  })
}

const strayLine = (name: string, line: string) =>
  `The MCP server ${name} wrote a line to its standard output that is not a message. antiphon skips such lines: ${line}`

const oddLine = (name: string, line: string) =>
  `The MCP server ${name} wrote a message in an unexpected form. antiphon reads it anyway: ${line}`

const notMessages = (name: string, line: string) =>
  new TerminalError(`The MCP server ${name} wrote ${MAX_STRAY_LINES} lines in a row that are not messages: ${line}`, {
    code: 'bad_response',
    hint: 'A server writes messages only to its standard output. Its log belongs on stderr.',
  })

const tooLong = (name: string) =>
  new TerminalError(`The MCP server ${name} sent a message of more than ${MAX_MESSAGE_BYTES} bytes.`, {
    code: 'response_too_large',
    hint: 'Ask the server for less.',
  })
