import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { forbiddenImports, longFiles } from '../architecture/check.ts'
import { readSource } from '../architecture/source.ts'
import { readRecipe } from './recipe.ts'

const recipe = readRecipe('Add a room')
const PROGRAM = join(import.meta.dirname, 'program.ts')

it('a room is named in four files outside its folder', () => {
  expect([...recipe.added.keys()].filter((path) => !/^(src|test)\/tally\//.test(path))).toEqual([])
  expect([...recipe.changed.keys()]).toHaveLength(4)
})

it('the room of the recipe keeps the rules of the source', () => {
  const sources = [...recipe.added, ...recipe.changed]
    .filter(([path]) => path.startsWith('src/'))
    .map(([path, text]) => readSource(path, text))
  expect(forbiddenImports(sources)).toEqual([])
  expect(longFiles(sources)).toEqual([])
})

it('the room of the recipe has an actor, a port, two routes, a tool, a setting and an error code', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-room-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'antiphon.yaml'), 'tallyLimit: 5\n')
  await writeFile(join(folder, 'recipe.json'), JSON.stringify([...recipe.added, ...recipe.changed]))
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual({
    port: { total: 2 },
    tool: { total: 3 },
    route: { total: 4 },
    read: { total: 4 },
    full: { code: 'tally_full', status: 409 },
    others: { code: 'not_found', status: 404 },
    documented: true,
    unknown: 'Did you mean `tallyLimit`?',
  })
})
