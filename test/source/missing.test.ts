import { expect, test, vi } from 'vitest'
import { DOCX_TYPE } from '../../src/source/document.ts'
import { mediaReaderOf } from '../../src/source/media/readers.ts'
import { readDocument } from '../../src/source/source.ts'
import { makeDocx, makePdf } from './make-files.ts'

vi.mock('../../src/lib/package/leaf.ts', async (load) => ({ ...(await load<object>()), leafModule: () => undefined }))

const MISSING = {
  code: 'peer_missing',
  message: expect.stringContaining('needs @antiphon/media, which is not installed'),
  hint: expect.stringContaining('npm install @antiphon/media@'),
}

test.each([
  ['a.pdf', makePdf(['Ebb.'])],
  ['a.docx', makeDocx(['Ebb.'])],
])('without the package, %s is not read, and the error says how to get it', async (name, bytes) => {
  await expect(readDocument(name, bytes)).rejects.toMatchObject(MISSING)
})

test.each(['image/png', 'audio/wav', 'video/mp4', DOCX_TYPE])('a file of %s needs it, too', async (type) => {
  const { extensionFor } = await import('../../src/extension/extensions.ts')
  await expect(extensionFor(type)).rejects.toMatchObject(MISSING)
})

test('a model file needs no package', async () => {
  expect(await mediaReaderOf('application/x-gguf', {} as never)).toMatchObject({ name: 'weights-1' })
})
