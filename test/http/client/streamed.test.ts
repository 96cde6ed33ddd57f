import { expect, it } from 'vitest'
import { isFileAnswer, isStreamed, isStreamedAnswer } from '../../../src/http/client/transport/streamed.ts'

const put = (path: string, type?: string) =>
  new Request(`http://antiphon${path}`, {
    ...{ method: 'PUT', body: new Uint8Array(1), headers: type === undefined ? {} : { 'content-type': type } },
  })

it.each([
  ['/v1/files', 'application/octet-stream', true],
  ['/ai/v1/files?name=a', 'image/png', true],
  ['/v1/files', undefined, true],
  ['/v1/pipelines/files', 'application/json', false],
  ['/v1/agents/a', undefined, false],
])('a body for %s of type %s is sent as a stream: %s', (path, type, expected) => {
  expect(isStreamed(put(path, type))).toBe(expected)
})

it('the answer with a file is one of any type with the id of a file', () => {
  const file = new Response('', { headers: { 'content-type': 'text/html', etag: `"file_${'0'.repeat(64)}"` } })
  const page = new Response('', { headers: { 'content-type': 'text/html', etag: '"5f3"' } })
  expect([isFileAnswer(file), isStreamedAnswer(file)]).toEqual([true, true])
  expect([isFileAnswer(page), isStreamedAnswer(page)]).toEqual([false, false])
})
