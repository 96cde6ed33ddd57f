import type { ServerResponse } from 'node:http'
import type { Clock } from '../../engine/engine.ts'
import { encodeComment } from '../wire/sse.ts'
import type { Feed, Filler } from './event-sink.ts'
import type { MayRead } from './response.ts'

/** The event streams that are open on a server. */
export interface OpenStreams {
  /**
   * Responds with the content of a feed. A client that reads nothing for half a minute is disconnected, so that it can
   * reconnect and resume. A client that loses its permission is disconnected within a quarter of a minute.
   */
  open(head: Response, outgoing: ServerResponse, feed: Feed, mayRead?: MayRead): void
  /** Looks after a reader until the returned function is called. */
  join(reader: StreamReader): () => void
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

export interface StreamReader {
  readonly mayRead: MayRead | undefined
  /** the number of checks in a row at which it had not read what was sent */
  stalled: number
  /** Whether it has not read what was sent. */
  isFull(): boolean
  write(text: string): void
  /** Ends the stream with a comment. */
  cut(reason: string): void
  /** Ends the stream of a reader that reads nothing. */
  drop(): void
}

export function createOpenStreams(clock: Clock): OpenStreams {
  const slots = Array.from({ length: SLOTS }, () => new Set<StreamReader>())
  let opened = 0
  let turn = 0
  let open = 0
  let callOff: (() => void) | undefined

  function join(reader: StreamReader): () => void {
    const slot = slots[opened++ % SLOTS]!
    slot.add(reader)
    open++
    callOff ??= clock.after(INTERVAL / SLOTS, lookAfterSome)
    return () => {
      if (slot.delete(reader)) open--
      if (open > 0) return
      callOff?.()
      callOff = undefined
    }
  }

  // one timer for all: each tick serves the next slot
  function lookAfterSome(): void {
    callOff = clock.after(INTERVAL / SLOTS, lookAfterSome)
    for (const reader of slots[turn++ % SLOTS]!) lookAfter(reader)
  }

  return {
    open: (head, outgoing, feed, mayRead) => openOn(outgoing, head, feed, { join, mayRead }),
    join,
    count: () => open,
    cut(reason) {
      for (const slot of slots) for (const reader of slot) reader.cut(reason)
    },
  }
}

type Joining = { readonly mayRead: MayRead | undefined; join(reader: StreamReader): () => void }

/** Writes a feed as the body of a Node response. */
function openOn(outgoing: ServerResponse, head: Response, feed: Feed, { join, mayRead }: Joining): void {
  if (outgoing.destroyed) return
  let filler: Filler | undefined
  let full = false
  const write = (text: string) => {
    full = !writeChunk(outgoing, text)
    return !full
  }
  const end = join({
    mayRead,
    stalled: 0,
    isFull: () => full,
    write,
    cut: (reason) => cutOff(outgoing, reason),
    drop: () => void outgoing.destroy(),
  })
  const { socket } = outgoing
  const ready = () => {
    full = false
    filler?.ready()
  }
  // the body or the connection, whichever is used
  outgoing.on('drain', ready)
  socket?.on('drain', ready)
  outgoing.on('close', () => {
    socket?.off('drain', ready)
    end()
    filler?.leave()
  })
  outgoing.writeHead(head.status, Object.fromEntries(head.headers)).flushHeaders()
  filler = feed({ write, end: () => void outgoing.end() })
}

function lookAfter(reader: StreamReader): void {
  const full = reader.isFull()
  reader.stalled = full ? reader.stalled + 1 : 0
  if (reader.stalled === MOST_STALLED) reader.drop()
  else if (!full) reader.write(STILL_THERE)
  reader.mayRead?.().then((may) => may || reader.cut('who reads this is let in no more'))
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
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
}
