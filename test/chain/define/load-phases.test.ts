import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describePhases, explainPhases } from '../../../src/chain/define/describe-phases.ts'
import { loadPhases, withOwnPhases } from '../../../src/chain/define/load-phases.ts'
import { checkDomain } from '../../../src/chain/domains/known.ts'
import { createPhases, phaseKey } from '../../../src/chain/phases/registry.ts'
import { createLimits } from '../../../src/chain/protocol/limits.ts'
import { importsIn } from '../../../src/tool/loaded/imported-files.ts'
import { poolsOf } from '../../worker/pools.ts'

const folder = mkdtempSync(join(tmpdir(), 'phases-'))
afterAll(() => rmSync(folder, { recursive: true }))

const MODULE = new URL('../../../src/chain/define/define-phase.ts', import.meta.url).href
const phase = (more: string) =>
  `definePhase({ name: 'yield', modality: 'code', initial: () => null, run() {}, ${more} })`

function write(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, `import { definePhase } from ${JSON.stringify(MODULE)}\n${text}\n`)
  return file
}

const imports = importsIn(folder)
const load = (...files: readonly string[]) => loadPhases(files, folder, imports)

test('a file exports phases by name, as its default, or as a list; a change of its code, or of its imports, is shown', async () => {
  const part = write('part.mts', 'export const help = 1')
  const files = [
    write('one.mts', `export * from './part.mts'\nexport const quote = ${phase(`domain: 'legal', version: 3`)}`),
    write('many.mjs', `export const one = ${phase('')}\nexport default [one, ${phase(`domain: 'tax'`)}]`),
  ]
  const found = await load(...files)
  expect(found.map(({ phase, origin }) => [phaseKey(phase), origin.file])).toEqual([
    ['yield/code/legal', './one.mts'],
    ['yield/code/general', './many.mjs'],
    ['yield/code/tax', './many.mjs'],
  ])
  const phases = withOwnPhases(createPhases(), found, createLimits())
  writeFileSync(files[1]!, '// changed')
  const legal = async () => (await describePhases(phases)).find(({ domain }) => domain === 'legal')
  expect(await legal()).not.toHaveProperty('changed')
  const before = readFileSync(part)
  writeFileSync(part, 'export const help = 2')
  expect(await legal()).toHaveProperty('changed')
  writeFileSync(part, before)
  const hash = expect.stringMatching(/^[0-9a-f]{12}$/)
  const own = { phase: 'yield', modality: 'code', hash }
  expect((await describePhases(phases)).slice(18)).toEqual([
    { phase: 'yield', modality: 'text', domain: 'general', servedBy: 'antiphon' },
    { ...own, domain: 'general', servedBy: './many.mjs', version: 1, changed: true, replaces: true },
    { phase: 'yield', modality: 'default', domain: 'general', servedBy: 'antiphon' },
    { ...own, domain: 'legal', servedBy: './one.mts', version: 3 },
    { ...own, domain: 'tax', servedBy: './many.mjs', version: 1, changed: true },
  ])
})

test('a selection shows the ladder of keys and the one of pools', () => {
  const phases = createPhases()
  const explain = (query: object) =>
    explainPhases(
      {
        phases,
        pools: poolsOf({ queue: 1 }),
        checkDomain: (domain) => checkDomain(domain, { phases: ['legal'], pools: [], own: new Map() }),
      },
      query,
    )
  expect(explain({ modality: 'code', domain: 'legal', phase: 'yield' })).toEqual([
    {
      phase: 'yield',
      keys: [
        { key: 'yield/code/legal' },
        { key: 'yield/code/general', servedBy: 'antiphon' },
        { key: 'yield/default/legal' },
        { key: 'yield/default/general', servedBy: 'antiphon' },
      ],
      chosen: 'yield/code/general',
      pools: expect.arrayContaining([expect.objectContaining({ id: 'code_yield_legal_pool' })]),
      pool: expect.stringContaining('yield'),
      why: 'there is none for yield/code/legal',
    },
  ])
  expect(explain({ phase: 'experience' }).map((choice) => choice.phase)).toEqual([
    'experience.vectors',
    'experience.web',
  ])
  expect(explain({ modality: 'audio', phase: 'action' })).toMatchObject([{ chosen: 'action/default/general' }])
  expect(() => explain({ modality: 'kode' })).toThrow(expect.objectContaining({ hint: 'Did you mean code?' }))
  expect(() => explain({ domain: 'leagl' })).toThrow(expect.objectContaining({ code: 'unknown_domain' }))
  expect(() => explain({ phase: 'yeild' })).toThrow(expect.objectContaining({ hint: 'Did you mean yield?' }))
})

test.each([
  ['empty.mts', 'export const help = 1', 'it exports no phase'],
  ['raw.mts', 'export const own = { name: "yield", initial() {}, run() {} }', 'own was not made by definePhase'],
  ['wrong.mts', 'export default [7]', 'default[0] was not made by definePhase'],
  ['throws.mts', 'throw new Error("no ink")', 'cannot be loaded: no ink'],
  ['named.mts', `export const own = ${phase('').replace('yield', 'yeild')}`, '"yeild" is not the name of a phase'],
])('%s is refused with its name', async (name, text, message) => {
  const refused = await load(write(name, text)).catch((error) => error)
  expect(refused).toMatchObject({ name: 'InvalidError', place: { file: expect.stringContaining(name) } })
  expect(refused.message).toContain(`phase file ./${name}: `)
  expect(refused.message).toContain(message)
  expect(refused.hint).toMatch(/definePhase|Did you mean yield/)
})

test('a file that is a link to a device, or a pipe, is refused', async () => {
  symlinkSync('/dev/zero', join(folder, 'zero.mts'))
  execFileSync('mkfifo', [join(folder, 'pipe.mts')])
  await expect(load(join(folder, 'zero.mts'))).rejects.toThrow('./zero.mts: expected a file, got a device')
  await expect(load(join(folder, 'pipe.mts'))).rejects.toThrow('./pipe.mts: expected a file, got a pipe')
})

test('two files with one phase are refused, and a file that is not there', async () => {
  const twice = [write('a.mts', `export default ${phase('')}`), write('b.mts', `export default ${phase('')}`)]
  await expect(load(...twice)).rejects.toThrow('phase file ./b.mts: ./a.mts has a phase yield/code/general as well')
  await expect(load(join(folder, 'none.mts'))).rejects.toThrow('phase file ./none.mts: the file does not exist')
  await expect(load(join(folder, 'none.txt'))).rejects.toThrow('a phase file is a module that ends in')
})
