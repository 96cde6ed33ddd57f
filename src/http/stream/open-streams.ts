import type { ServerResponse } from 'node:http'
import type { Clock } from '../../engine/engine.ts'
import { encodeComment } from '../wire/sse.ts'
import type { Feed, Filler } from './event-sink.ts'
import type { MayRead } from './response.ts'

/** The event streams that are open on a server. */
interface OpenStreams {
  /**
   * Responds with the content of a feed. A client that reads nothing for half a minute is disconnected, so that it can
   * reconnect and resume. A client that loses its permission is disconnected within a quarter of a minute.
   */
  open(head: Response, outgoing: ServerResponse, feed: Feed, mayRead?: MayRead): void
  count(): number
  /** Closes all streams, so that clients reconnect, to this node or to another, and resume. */
  cut(reason: string): void
}

/** ms between keep-alive comments */
const INTERVAL = 15_000
/** Keep-alives are spread over this many slots. */
const SLOTS = 15
const STILL_THERE = encodeComment('still there')
/** the number of checks during which it was full */
const MOST_STALLED = 3

type Stream = {
  readonly outgoing: ServerResponse
  readonly mayRead: MayRead | undefined
  filler?: Filler
  full: boolean
  stalled: number
}

export function createOpenStreams(clock: Clock): OpenStreams {
  const slots = Array.from({ length: SLOTS }, () => new Set<Stream>())
  let opened = 0
  let turn = 0
  let open = 0
  let callOff: (() => void) | undefined

  function begin(stream: Stream): () => void {
    const slot = slots[opened++ % SLOTS]!
    slot.add(stream)
    open++
    callOff ??= clock.after(INTERVAL / SLOTS, lookAfterSome)
    return () => {
      if (slot.delete(stream)) open--
      if (open > 0) return
      callOff?.()
      callOff = undefined
    }
  }

  // one timer for all: each tick serves the next slot
  function lookAfterSome(): void {
    callOff = clock.after(INTERVAL / SLOTS, lookAfterSome)
    for (const stream of slots[turn++ % SLOTS]!) lookAfter(stream)
  }

  return {
    open(head, outgoing, feed, mayRead) {
      if (outgoing.destroyed) return
      const stream: Stream = { outgoing, mayRead, full: false, stalled: 0 }
      const end = begin(stream)
      const { socket } = outgoing
      const ready = () => {
        stream.full = false
        stream.filler?.ready()
      }
      // the body or the connection, whichever is used
      outgoing.on('drain', ready)
      socket?.on('drain', ready)
      outgoing.on('close', () => {
        socket?.off('drain', ready)
        end()
        stream.filler?.leave()
      })
      outgoing.writeHead(head.status, Object.fromEntries(head.headers)).flushHeaders()
      stream.filler = feed({ write: (text) => write(stream, text), end: () => void outgoing.end() })
    },
    count: () => open,
    cut(reason) {
      for (const slot of slots) for (const { outgoing } of slot) cutOff(outgoing, reason)
    },
  }
}

function write(stream: Stream, text: string): boolean {
  stream.full = !writeChunk(stream.outgoing, text)
  return !stream.full
}

function lookAfter(stream: Stream): void {
  stream.stalled = stream.full ? stream.stalled + 1 : 0
  if (stream.stalled === MOST_STALLED) stream.outgoing.destroy()
  else if (!stream.full) write(stream, STILL_THERE)
  stream.mayRead?.().then((may) => may || cutOff(stream.outgoing, 'who reads this is let in no more'))
}

// without ending the body, so that the client does not take it as complete
function cutOff(outgoing: ServerResponse, reason: string): void {
  writeChunk(outgoing, encodeComment(reason))
  outgoing.socket?.destroySoon()
}

let last: { readonly text: string; readonly chunk: Buffer } | undefined

/**
 * Writes a text of a response's body directly to its connection; false when that is full. The normal response would
 * copy and frame each text anew for each of thousands of clients, and write it in three pieces.
 */
function writeChunk(outgoing: ServerResponse, text: string): boolean {
  const { socket, chunkedEncoding } = outgoing
  // an earlier response is not complete yet, or the client does not support chunks
  if (!socket || !chunkedEncoding) return outgoing.write(text)
  if (last?.text !== text) last = { text, chunk: chunkOf(text) }
  return socket.write(last.chunk)
}

function chunkOf(text: string): Buffer {
  const length = Buffer.byteLength(text)
  return Buffer.from(`${length.toString(16)}\r\n${text}\r\n`)
}
