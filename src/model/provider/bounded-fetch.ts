import { TerminalError } from '../../errors.ts'

/** Maximum bytes of a reply. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024

/** `fetch` for a provider: an endless reply fails instead of filling the memory. */
export const boundedFetch: typeof fetch = async (...request) => {
  const response = await fetch(...request)
  const { body } = response
  return body ? new Response(body.pipeThrough(bound()), response) : response
}

function bound(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, to) {
      bytes += chunk.length
      if (bytes > MAX_REPLY_BYTES) throw tooLong()
      to.enqueue(chunk)
    },
  })
}

function tooLong(): TerminalError {
  return new TerminalError(`the server sent more than ${MAX_REPLY_BYTES / 1024 / 1024} MiB for one reply`, {
    code: 'model_invalid_output',
  })
}
