import { execFileSync } from 'node:child_process'
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDocumentFile } from '../../src/source/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-read-text-'))
const at = (name: string) => join(folder, name)
writeFileSync(at('notes.md'), 'The tide.')
writeFileSync(at('odd'), 'a\0b')
writeFileSync(at('long.txt'), '')
truncateSync(at('long.txt'), 5 * 1024 * 1024)

test('a text is read', async () => {
  expect((await readDocumentFile(at('notes.md'))).text).toBe('The tide.')
})

test.each([
  ['gone.md', 'the file does not exist'],
  ['notes.md/more', 'the file does not exist'],
  ['.', 'it is a folder'],
  ['odd', 'it is not a text file'],
  ['long.txt', 'it is larger than 4 MiB'],
])('the error of %s says why it is not read, and not where it lies', async (name, message) => {
  await expect(readDocumentFile(at(name))).rejects.toMatchObject({ name: 'TerminalError', message })
})

test.skipIf(process.platform === 'win32')('an endless file is not read, nor a pipe without a writer', async () => {
  execFileSync('mkfifo', [at('pipe')])
  for (const path of [at('pipe'), '/dev/zero']) await expect(readDocumentFile(path)).rejects.toThrow('it is not a file')
})
