import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { compileFile } from '../../../../src/pipeline/language/compile-file.ts'
import { decodePipeline } from '../../../../src/pipeline/language/source/files.ts'
import { builtinTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'

const TEXT = 'name: x\nsteps:\n  - { id: a, action: echo schön }\n'
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')

test.each([
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-16, as Windows writes it', utf16(TEXT)],
  ['UTF-16, the other way round', utf16(TEXT).swap16()],
])('a pipeline may be %s', (_, bytes) => {
  expect(decodePipeline(bytes, 'p.yaml')).toBe(TEXT)
})

test('a file in another encoding is refused at its first letter that cannot be read', async () => {
  const root = await mkdtemp(join(tmpdir(), 'decode-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const path = join(root, 'p.yaml')
  await writeFile(path, Buffer.from(TEXT, 'latin1'))
  const { findings } = await compileFile(path, { toolbox: createToolbox(builtinTools), project: root, shown: 'p.yaml' })
  const message = 'p.yaml is not valid UTF-8: line 3 has an invalid character'
  const place = { line: 3, column: TEXT.split('\n')[2]!.indexOf('ö') + 1 }
  expect(findings).toEqual([
    { code: 'file_unreadable', severity: 'error', file: 'p.yaml', message, hint: 'Save it as UTF-8.', ...place },
  ])
})
