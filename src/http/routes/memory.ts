import { NDJSON } from '../../house/operation.ts'
import { MEMORY_CONTRACT } from '../../memory/room/contract.ts'
import { piecesOf } from '../routing/body.ts'
import { handlers } from '../routing/route.ts'

/** Export and import of memory: streams of lines. */
export const memoryHandlers = handlers(MEMORY_CONTRACT, {
  'memory.export': ({ runtime, query }) => linesAnswer(runtime.memory.export(query)),
  'memory.import': ({ runtime, query, request, clock, made }) =>
    runtime.memory.import(piecesOf(request, clock), { ...query, ...(made !== undefined && { id: made.slice(0, 32) }) }),
})

/** An answer of lines, which is sent while it is read. An error before the first line is an answer of its own. */
export async function linesAnswer(lines: AsyncIterable<string>): Promise<Response> {
  const pieces = lines[Symbol.asyncIterator]()
  const first = await pieces.next()
  return new Response(ReadableStream.from(encoded(first, pieces)), { headers: { 'content-type': NDJSON } })
}

async function* encoded(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for (let next = first; !next.done; next = await rest.next()) yield encoder.encode(next.value)
}
