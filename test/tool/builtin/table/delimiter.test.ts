import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataTools } from '../../../../src/tool/builtin/tools.ts'
import type { ResultNote } from '../../../../src/tool/tool.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const toolbox = createToolbox(dataTools)

async function convert(data: string, more: object = {}) {
  const notes: ResultNote[] = []
  await writeFile(join(place.root, 'birds.csv'), data)
  const tell = (note: ResultNote) => notes.push(note)
  const tool = toolbox.find('data-processing', 'convert')!
  const context = contextAt(place.root, { tell })
  const result = await call(tool, { data: 'birds.csv', target_format: 'json', ...more }, context)
  return { rows: result.data, notes }
}

test.each([
  ['semicolons', 'bird;wing\nAuk;20\n'],
  ['semicolons beside decimal commas', 'bird;wing\nAuk;20,5\nTern;1\n', '20,5'],
  ['tabs', 'bird\twing\nAuk\t20\n'],
  ['bars', 'bird|wing\nAuk|20\n'],
  ['a sign that its first line names', 'sep=;\r\nbird;wing\r\nAuk;20\r\n'],
  ['a comma that its first line names', 'sep=,\nbird,wing\nAuk,20\n'],
  ['commas beside semicolons', 'bird,wing\nAuk,20\n"Tern; Skua",1\n'],
  ['quoted cells with another sign', 'bird;wing\n"Auk, great, extinct";20\n', '20', 'Auk, great, extinct'],
])('finds the delimiter of a CSV with %s', async (_, data, wing = '20', bird = 'Auk') => {
  const { rows, notes } = await convert(data)
  expect((rows as object[])[0]).toEqual({ bird, wing })
  expect(notes).toEqual([])
})

test('a delimiter that is set counts, and a comma stays where another sign is not in every line', async () => {
  expect((await convert('a;b\n1;2\n', { delimiter: ',' })).rows).toEqual([{ 'a;b': '1;2' }])
  expect((await convert('a,b;c\n1,2\n')).rows).toEqual([{ a: '1', 'b;c': '2' }])
  expect((await convert('note\na;b\n')).rows).toEqual([{ note: 'a;b' }])
})

test('warns about a single column whose name has the sign of another delimiter', async () => {
  const warning = 'data: the only column is called "bird;wing". If its cells are separated, set `delimiter: ";"`.'
  expect((await convert('bird;wing\nAuk\n')).notes).toEqual([{ warning }])
  expect((await convert('bird;wing\nAuk;1\n', { delimiter: ',' })).notes).toEqual([{ warning }])
  expect((await convert('bird\nAuk;1\n')).notes).toEqual([])
})

test('the error about a row that is too long names the delimiter', async () => {
  await expect(convert('bird\nAuk,20\n')).rejects.toMatchObject({
    message: 'data: line 2 of the CSV has a row of 2 cells under 1 column names',
    hint: expect.stringContaining('set `delimiter`'),
  })
  // the line that names the sign counts
  await expect(convert('sep=;\nbird\nAuk;20\n')).rejects.toMatchObject({ message: expect.stringContaining('line 3') })
})

test('a text with a semicolon in its first line alone stays a text', async () => {
  const tool = toolbox.find('data-processing', 'convert')!
  const kindOf = async (data: string) => (await call(tool, { data }, contextAt(place.root))).original_type
  expect(await kindOf('Auks dive; terns do not.\nSkuas steal.')).toBe('text')
  expect(await kindOf('bird;wing\nAuk;20')).toBe('csv')
})
