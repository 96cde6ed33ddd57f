import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readInputOptions } from '../../../src/cli/arguments/inputs.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-inputs-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const given = async (text: string) => {
  await writeFile(join(folder, 'in.yaml'), text)
  return readInputOptions({ inputs: 'in.yaml', input: { own: 'x' } }, folder)
}

it('inputs come from a file, and inputs given one by one go before them', async () => {
  expect(await given('a: 1\nown: y\n')).toEqual({ a: 1, own: 'x' })
})

it('a large input is read as JSON, because YAML would take long', async () => {
  const list = Array.from({ length: 300_000 }, (_, n) => n)
  expect(await given(JSON.stringify({ list }))).toEqual({ list, own: 'x' })
  await expect(given(`list:\n${'- 1\n'.repeat(200_000)}`)).rejects.toMatchObject({
    message: expect.stringContaining('more than 500000'),
    hint: expect.stringContaining('JSON'),
  })
})

it.each([
  ['no YAML', 'a: [', /The inputs cannot be read: this is not YAML/],
  ['a list', '- a', /Expected a map of inputs/],
  ['lists in lists', `a: ${'['.repeat(200_000)}`, /nested deeper than 100 levels/],
  [
    'very many values, and lists in lists',
    `{"a": [${'1,'.repeat(300_000)}${'['.repeat(200_000)}${']'.repeat(200_000)}]}`,
    /more than 500000/,
  ],
])('%s is refused', async (_what, text, message) => {
  await expect(given(text)).rejects.toMatchObject({ name: 'InvalidError', message: expect.stringMatching(message) })
})
