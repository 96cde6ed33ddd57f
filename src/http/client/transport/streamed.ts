import { NDJSON } from '../../../house/operation.ts'

/** Whether the body is a stream, which can be sent once. */
export const isStreamed = ({ method, headers }: Request) => method !== 'GET' && headers.get('content-type') === NDJSON

/** A copy that leaves the request as it is. A streamed request is given itself: a copy would hold all of its body. */
export const copyOf = (request: Request) => (isStreamed(request) ? request : request.clone())
