import type { Clock } from '../../engine/engine.ts'
import { TerminalError } from '../../errors.ts'
import { inTime } from '../../lib/time/in-time.ts'

/** ms without a byte after which a body is given up: a client that sends nothing would hold its place forever. */
const IDLE_MS = 30_000

/** Bytes that a body has to bring in a second. */
const SLOWEST = 32 * 1024

/** ms in which a body of that many bytes has to come. */
const timeFor = (bytes: number) => IDLE_MS + Math.ceil((bytes / SLOWEST) * 1000)

/** Waits for a body of at most that many bytes, as long as it may take. */
export function withinBodyTime<T>(clock: Clock, bytes: number, read: Promise<T>): Promise<T> {
  const ms = timeFor(bytes)
  return inTime(read, ms, () => late(ms), clock)
}

/** The pieces of a body. A client that pauses too long is cut off. */
export function timedPieces(body: ReadableStream<Uint8Array>, clock: Clock): AsyncGenerator<Uint8Array> {
  return piecesWithin(body, clock, { left: () => IDLE_MS })
}

/** The pieces of a body of any length. A client that pauses too long, or is too slow, is cut off. */
export function pacedPieces(body: ReadableStream<Uint8Array>, clock: Clock): AsyncGenerator<Uint8Array> {
  let left = IDLE_MS
  // the time that the server takes for a piece is not the client's
  return piecesWithin(body, clock, {
    left: () => left,
    came: (bytes, ms) => (left += timeFor(bytes) - IDLE_MS - ms),
  })
}

type Allowance = { left(): number; came?(bytes: number, ms: number): void }

async function* piecesWithin(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
  { left, came }: Allowance,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const asked = clock.elapsed()
      const ms = Math.max(0, Math.min(IDLE_MS, left()))
      const { done, value } = await inTime(reader.read(), ms, () => late(ms), clock)
      if (done) return
      came?.(value.byteLength, clock.elapsed() - asked)
      yield value
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}

function late(limit: number): TerminalError {
  return new TerminalError(`Expected the body of the request, got nothing more within ${Math.ceil(limit / 1000)} s.`, {
    code: 'body_timeout',
    hint: 'Send the request again, with its whole body.',
  })
}
