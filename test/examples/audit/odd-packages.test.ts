import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { auditIndependently, disagreements } from '../audit-independent.ts'
import { ISC, MIT, makeFolder, standardText } from './fixture.ts'
import { auditFolder } from './run.ts'

const DUAL = `This is available under either of two licences.\n\n${standardText('BSD-3-Clause')}\n\n----\n\n${standardText('AFL-2.1')}`

function makeOddPackages(): string {
  const root = makeFolder({
    'node_modules/no-manifest/index.js': 'x',
    'node_modules/broken/package.json': '{ "name": "broken", ',
    'node_modules/broken/LICENSE': MIT,
    'node_modules/textless/package.json': { name: 'textless', version: '1.0.0', license: 'MIT' },
    'node_modules/wrong/package.json': { name: 'wrong', version: '1.0.0', license: 'MIT' },
    'node_modules/wrong/LICENSE': ISC,
    'node_modules/@scope/scoped/package.json': { name: '@scope/scoped', version: '1.0.0', license: 'Apache-2.0' },
    'node_modules/@scope/scoped/LICENSE.txt': standardText('Apache-2.0'),
    'node_modules/nested/package.json': {
      name: 'nested',
      version: '1.0.0',
      license: 'ISC',
      scripts: { postinstall: 'do' },
    },
    'node_modules/nested/LICENSE': ISC,
    'node_modules/nested/node_modules/wrong/package.json': { name: 'wrong', version: '2.0.0', license: 'ISC' },
    'node_modules/nested/node_modules/wrong/LICENSE': ISC,
    'node_modules/nested/node_modules/.cache/file': 'belongs to nobody',
    'node_modules/dual/package.json': { name: 'dual', version: '1.0.0', license: '(AFL-2.1 OR BSD-3-Clause)' },
    'node_modules/dual/LICENSE': DUAL,
    'node_modules/dual/test/node_modules/fixture/package.json': { name: 'fixture', version: '1.0.0' },
    'node_modules/native/package.json': { name: 'native', version: '1.0.0', license: 'UNLICENSED' },
    'node_modules/native/binding.gyp': '{}',
    'elsewhere/linked/package.json': { name: 'linked', version: '1.0.0', license: 'MIT' },
  })
  symlinkSync(join(root, 'elsewhere/linked'), join(root, 'node_modules/linked'))
  mkdirSync(join(root, 'out'))
  return root
}

test('odd packages are audited as the independent script sees them', async () => {
  const root = makeOddPackages()
  const found = await auditFolder({ folder: '.', root, out: join(root, 'out') })
  const audit = JSON.parse(readFileSync(join(root, 'out/audit.json'), 'utf8'))
  expect(disagreements(audit, auditIndependently(root))).toEqual([])
  const verdicts = audit.packages.map(({ path, verdict }: { path: string; verdict: string }) => [
    path.slice(13),
    verdict,
  ])
  expect(Object.fromEntries(verdicts)).toEqual({
    '@scope/scoped': 'agrees',
    broken: 'no-declaration',
    dual: 'agrees',
    native: 'agrees',
    nested: 'agrees',
    'nested/node_modules/wrong': 'agrees',
    textless: 'no-text',
    wrong: 'differs',
  })
  expect(found.problems).toMatchObject([{ name: 'broken', place: 'node_modules/broken/package.json:1' }])
  expect(found.installScripts.map(({ name, command }) => `${name}: ${command}`)).toEqual([
    'native: node-gyp rebuild',
    'nested: do',
  ])
  expect(found.duplicates.map(({ name }) => name)).toEqual(['wrong'])
})
