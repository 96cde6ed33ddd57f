import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { forbiddenImports, longFiles, shortcuts } from './check.ts'
import { silentDoors } from './documented.ts'
import { homeless, readHouse } from './house.ts'
import { codeFolders, readSource } from './source.ts'
import { unlistedFolders } from './structure.ts'

it('sees what a package reaches, where it stands, and that it has a door', () => {
  const own = readSource('packages/media/src/pdf/a.ts', `import { b } from '../index.ts'\nconst at = Date.now()`)
  const door = readSource('packages/media/src/index.ts', `import { a } from 'antiphon'`)
  const deep = readSource('packages/media/src/index.ts', `import { nearest } from '../../../src/lib/text/nearest.ts'`)
  const other = readSource('packages/media/src/index.ts', `import { a } from '../../langgraph/src/index.ts'`)
  const user = readSource('src/source/a.ts', `import { b } from '../../packages/media/src/index.ts'`)
  expect(forbiddenImports([own, door])).toEqual([])
  expect([deep, other, user].map((one) => forbiddenImports([one]).length)).toEqual([1, 1, 1])
  expect(shortcuts([own])).toEqual([])
  expect(homeless([own])).toEqual([])
  expect(readHouse([user]).up).toMatchObject([{ from: 'source', to: 'packages/media' }])
  expect(unlistedFolders([own, door])).toEqual(['packages/media/src/pdf'])
  expect(silentDoors([own], () => '')).toEqual(['packages/media/src/index.ts'])
  expect(silentDoors([door], () => '/** Readers. Use them for films. */\n\nimport a')).toEqual([])
  expect(longFiles([readSource('packages/media/src/a.ts', 'let a\n'.repeat(301))])).toHaveLength(1)
})

it('finds the sources of packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-packages-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(codeFolders(folder)).toEqual(['src'])
  for (const path of ['media/src', 'langgraph/src', 'langgraph/dist', 'empty'])
    mkdirSync(join(folder, 'packages', path), { recursive: true })
  expect(codeFolders(folder)).toEqual(['src', 'packages/langgraph/src', 'packages/media/src'])
})
