import { EVENT_STREAM, NDJSON } from '../../../house/operation.ts'
import { typeOf } from './errors.ts'

const JSON_TYPE = 'application/json'

/** Whether the body of a request is a stream, which can be sent once: lines, or the bytes of a file. */
export function isStreamed({ method, headers, url }: Request): boolean {
  const type = headers.get('content-type')?.split(';')[0]?.trim()
  if (type === NDJSON) return method !== 'GET'
  // a browser or curl may name any type, or none
  return method === 'PUT' && type !== JSON_TYPE && new URL(url).pathname.endsWith('/v1/files')
}

/** A copy that leaves the request as it is. A streamed request is given itself: a copy would hold all of its body. */
export const copyOf = (request: Request) => (isStreamed(request) ? request : request.clone())

/** Whether the body of a response is passed on as it arrives: events, lines, or the bytes of a file. */
export const isStreamedAnswer = (response: Response) => STREAMS.has(typeOf(response)) || isFileAnswer(response)

/** Whether a response holds the bytes of a file. They may have any content type. */
export const isFileAnswer = ({ headers }: Response) => headers.get('etag')?.startsWith('"file_') ?? false

const STREAMS: ReadonlySet<string | undefined> = new Set([EVENT_STREAM, NDJSON])
