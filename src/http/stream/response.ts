import { textOf } from '../wire/json.ts'
import type { Feed, Filler } from './event-sink.ts'

/** A line before the first event: a client that loses its connection should reconnect after a second. */
const RETRY = 'retry: 1000\n\n'

// no-transform: a server that compresses would hold events back
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** Whether the reader of an event stream still has permission. */
export type MayRead = () => Promise<boolean>

type Streamed = { readonly feed: Feed; mayRead?: MayRead }

// keyed by the body, which stays the same when a middleware makes a new response
const streams = new WeakMap<ReadableStream, Streamed>()

function streamedBy(response: Response): Streamed | undefined {
  // a text needs no body to be inspected
  if (textOf(response) !== undefined || response.body === null) return undefined
  return streams.get(response.body)
}

/** Headers of a protocol, beside those of every event stream. */
export type StreamHeaders = { readonly [name: string]: string }

/** An event stream response. It starts when its body is read, or when a server takes its feed. */
export function streamResponse(feed: Feed, headers: StreamHeaders = {}): Response {
  const begun: Feed = (outlet) => {
    outlet.write(RETRY)
    return feed(outlet)
  }
  const body = bodyOf(begun)
  streams.set(body, { feed: begun })
  return new Response(body, { headers: { ...HEADERS, ...headers } })
}

/** The feed of an event stream response, so that a server can bypass its body. Undefined for other responses. */
export const feedOf = (response: Response): Feed | undefined => streamedBy(response)?.feed

/** Makes a server check at times that the reader of an event stream is still allowed. Other responses stay. */
export function whileAllowed(response: Response, mayRead: MayRead): Response {
  const streamed = streamedBy(response)
  if (streamed) streamed.mayRead = mayRead
  return response
}

/** A callback that checks whether the reader accepts data; undefined if none is needed. */
export const mayReadOf = (response: Response): MayRead | undefined => streamedBy(response)?.mayRead

/** bytes that may wait for a reader */
const MOST_WAITING = 64 * 1024

function bodyOf(feed: Feed): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let filler: Filler | undefined
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (filler) return filler.ready()
        filler = feed({
          write(text) {
            controller.enqueue(encoder.encode(text))
            return (controller.desiredSize ?? 0) > -MOST_WAITING
          },
          end: () => controller.close(),
        })
      },
      cancel: () => filler?.leave(),
    },
    // start only with the first read
    { highWaterMark: 0, size: ({ byteLength }) => byteLength },
  )
}
