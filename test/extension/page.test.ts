import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { loadToolbox } from '../../src/runtime/services/toolbox.ts'
import { readDocument } from '../../src/source/source.ts'
import { blocksIn, read } from '../docs/program.ts'
import { makeZip } from '../source/make-files.ts'

test('the reader of the page reads e-books, as its antiphon.yaml names it', async () => {
  const page = await read('docs/extensions.md')
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-page-'))
  const [reader = ''] = blocksIn(page, 'ts')
  const path = join(folder, /^\/\/ (\S+)/.exec(reader)![1]!)
  mkdirSync(dirname(path))
  writeFileSync(path, reader)
  writeFileSync(join(folder, 'antiphon.yaml'), blocksIn(page, 'yaml')[1]!)
  await loadToolbox(await loadConfig({ folder, environment: {} }))
  const book = makeZip({ mimetype: 'application/epub+zip', 'one.xhtml': '<h1>Tides</h1><p>Ebb comes.</p>' })
  expect(await readDocument('tides.epub', book)).toMatchObject({
    text: expect.stringContaining('Ebb comes.'),
    gaps: ['its pictures are not read'],
  })
  await expect(readDocument('empty.epub', makeZip({ mimetype: 'application/epub+zip' }))).rejects.toMatchObject({
    message: 'it has no chapter',
  })
})
