import { NDJSON } from '../../contract/operations.ts'
import { MEMORY_CONTRACT } from '../../memory/room/contract.ts'
import { piecesOf } from '../routing/body.ts'
import { handlers } from '../routing/route.ts'

/** Export and import of memory: streams of lines. */
export const memoryHandlers = handlers(MEMORY_CONTRACT, {
  async 'memory.export'({ runtime, query }) {
    const pieces = runtime.memory.export(query)[Symbol.asyncIterator]()
    // an error before the first line is an answer of its own
    const first = await pieces.next()
    return new Response(ReadableStream.from(encoded(first, pieces)), { headers: { 'content-type': NDJSON } })
  },
  'memory.import': ({ runtime, query, request, made }) =>
    runtime.memory.import(piecesOf(request), { ...query, ...(made !== undefined && { id: made.slice(0, 32) }) }),
})

async function* encoded(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for (let next = first; !next.done; next = await rest.next()) yield encoder.encode(next.value)
}
