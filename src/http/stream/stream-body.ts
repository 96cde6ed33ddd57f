import type { Feed, Filler } from './event-sink.ts'
import type { OpenStreams, StreamReader } from './open-streams.ts'
import type { MayRead } from './response.ts'

/** bytes that may wait for a reader */
const MOST_WAITING = 64 * 1024

type BodyOptions = {
  readonly mayRead: MayRead | undefined
  /** aborted when the client is gone, also if nobody reads the body */
  readonly signal: AbortSignal
  /** Called once, when the stream has ended or its reader has left. */
  onEnd(): void
}

/** An event stream as a body for another server, looked after like our own. A body that nobody reads is stalled. */
export function streamBody(
  streams: Pick<OpenStreams, 'join'>,
  feed: Feed,
  { mayRead, signal, onEnd }: BodyOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array>
  let filler: Filler | undefined
  let hasEnded = false

  function write(text: string): boolean {
    if (hasEnded) return false
    controller.enqueue(encoder.encode(text))
    return (controller.desiredSize ?? 0) > -MOST_WAITING
  }

  /** Stops the feed; the body stays as it is. */
  function leave(): void {
    if (hasEnded) return
    hasEnded = true
    part()
    signal.removeEventListener('abort', end)
    filler?.leave()
    onEnd()
  }

  function end(): void {
    if (hasEnded) return
    leave()
    controller.close()
  }

  function begin(): void {
    if (filler || hasEnded) return
    filler = feed({ write, end })
    // the feed may have ended the stream at once
    if (hasEnded) filler.leave()
  }

  const reader: StreamReader = {
    mayRead,
    stalled: 0,
    isFull: () => !filler || (controller.desiredSize ?? 0) < 0,
    write,
    cut(reason: string) {
      write(`: ${reason}\n\n`)
      end()
    },
    drop: end,
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      pull() {
        reader.stalled = 0
        if (filler) filler.ready()
        else begin()
      },
      cancel: leave,
    },
    // the feed starts with the first read
    { highWaterMark: 0, size: ({ byteLength }) => byteLength },
  )
  const part = streams.join(reader)
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return body
}
