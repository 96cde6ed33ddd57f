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
  [
    'talk.srt',
    '1\n00:00:01,000 --> 00:00:04,000\nWelcome to <i>Lisbon</i>.\n\n2\n00:01:12,500 --> 00:01:16,000\nThe crane\nlifts forty tons.\n',
    ['Welcome to Lisbon.', 'The crane lifts forty tons.'],
    ['t=1,4', 't=72.5,76'],
  ],
  [
    'a talk',
    'WEBVTT\n\nNOTE by Ann\n\n00:03.000 --> 00:04.000 align:start\n<v.loud Ann>Good <00:03.500>morning.\n',
    ['Ann: Good morning.'],
    ['t=3,4'],
  ],
])('subtitles are sentences whose places are their cues, by content: %s', async (name, text, sentences, cues) => {
  writeFileSync(at(name), text)
  const read = await readDocumentFile(at(name))
  expect(read).toMatchObject({ places: 'fragments', modality: 'text', fragments: cues })
  expect(read.text.split('\n')).toEqual(sentences)
})

test('a text that only speaks of subtitles is a text', async () => {
  writeFileSync(at('about.txt'), 'WEBVTT is a form.\n\n00:01 --> 00:02\n')
  expect(await readDocumentFile(at('about.txt'))).toMatchObject({ places: 'lines' })
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
