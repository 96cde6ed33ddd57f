import { expect, it } from 'vitest'
import { sentType } from '../../../../src/pipeline/step/model-call/pinned-files.ts'

it('a file that a model may read is sent with its type', async () => {
  expect(await sentType('a.md', Buffer.from('# Tides'))).toBe('text/markdown')
  expect(await sentType('a', Buffer.from('%PDF-1.7'))).toBe('application/pdf')
})

it.each([
  ['a.txt', '\x89PNG\r\n\x1a\n', 'a.txt has the content of image/png, but its name says text/plain.'],
  ['a.png', 'not a picture', 'a.png does not have the content of image/png, which its name says.'],
  ['a.pdf', '', 'a.pdf does not have the content of application/pdf, which its name says.'],
  ['a.docx', 'PK\x03\x04\0', 'Expected text, an image, audio, video or a PDF, got a.docx, which is application/zip.'],
  [
    'a.txt',
    '\xff\xfe\xfd',
    'Expected text, an image, audio, video or a PDF, got a.txt, which is application/octet-stream.',
  ],
])('%s that begins with %j is refused: %s', async (name, text, message) => {
  await expect(sentType(name, Buffer.from(text, 'latin1'))).rejects.toMatchObject({
    ...{ code: 'bad_value', terminal: true, message },
  })
})
