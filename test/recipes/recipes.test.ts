import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, it } from 'vitest'
import { forbiddenImports, longFiles } from '../architecture/check.ts'
import { silentDoors } from '../architecture/documented.ts'
import { readHouse } from '../architecture/house.ts'
import { linesIn, readLines, sizeFaults } from '../architecture/sizes.ts'
import { readSource, readText } from '../architecture/source.ts'
import { crowdedFolders } from '../architecture/structure.ts'
import { filesOf, PAGE, readRecipes, sizesWith } from './recipe.ts'

const PROGRAM = join(import.meta.dirname, 'program.ts')
const recipes = readRecipes()

it('the recipes keep the rules of the source', async () => {
  const sources = [...filesOf(recipes)]
    .filter(([path]) => path.startsWith('src/'))
    .map(([path, text]) => readSource(path, text))
  const rules = stripTypeScriptTypes(filesOf(recipes).get('test/architecture/rules.ts')!)
  const { MAY_IMPORT, FLOORS } = await import(`data:text/javascript,${encodeURIComponent(rules)}`)
  expect(forbiddenImports(sources, MAY_IMPORT)).toEqual([])
  expect(readHouse(sources, FLOORS).up).toEqual([])
  expect(longFiles(sources)).toEqual([])
  const rooms = sources.filter(({ path }) => /^src\/(tally|words)\//.test(path))
  expect(silentDoors(rooms, (path) => filesOf(recipes).get(path)!)).toEqual([])
})

it('the recipes fit into the house: each part that they change has room for their lines', () => {
  const files = filesOf(recipes)
  const before = readLines().filter(({ path }) => !files.has(path))
  const after = [...files]
    .filter(([path]) => /^(?:src|ui)\//.test(path))
    .map(([path, text]) => ({ path, lines: linesIn(text) }))
  expect(sizeFaults([...before, ...after], sizesWith(files))).toEqual([])
})

it.each([
  ['a tool', 1],
  ['an error code', 2],
  ['a command', 1],
  ['a step key', 6],
  ['a route', 4],
  ['a view', 1],
  ['a room', 3],
  ['a language', 1],
])('the recipe "Add %s" changes %i files of the source', (name, count) => {
  const { changed } = recipes.get(`Add ${name}`)!
  expect([...changed.keys()].filter((path) => /^(?:src|ui)\//.test(path))).toHaveLength(count)
})

it('a folder that is full takes the file of a recipe', () => {
  const added = [...recipes.values()].flatMap((recipe) => [...recipe.added.keys()])
  const paths = added.filter((path) => /^(?:src|ui)\//.test(path) && !/^src\/(tally|words)\//.test(path))
  expect(paths).not.toEqual([])
  for (const path of [...paths, 'src/http/routes/steps.ts', 'src/engine/facts.ts']) {
    const full = Array.from({ length: 15 }, (_, n) => readSource(`${dirname(path)}/${n}.ts`, ''))
    expect(crowdedFolders([...full, readSource(path, '')]), path).toEqual([])
    expect(crowdedFolders([...full, ...full, readSource(`${dirname(path)}/one.ts`, '')]), path).not.toEqual([])
  }
})

it.each([
  ['a room', /^(src|test)\/tally\//],
  ['a language', /^(src|test)\/words\//],
])('%s has all its files in a folder of its own', (name, folder) => {
  const { added } = recipes.get(`Add ${name}`)!
  expect([...added.keys()].filter((path) => !folder.test(path))).toEqual([])
})

it.each([
  ['paging', ['ListQuery', 'placeIn', 'nameIn', 'keyIn', 'encodeCursor', 'listAll']],
  ['common-fields', ['page']],
  ['describe', ['pages']],
  ['list-seen', ['listSeen']],
])('`house/%s.ts` exports what the page says of lists', (file, names) => {
  const [, section = ''] = PAGE.split('**Pages and cursors.**')
  const text = readText(`src/house/${file}.ts`)
  const isExported = (name: string) =>
    new RegExp(`^export (?:async )?(?:function\\*?|const|type) ${name}\\b`, 'm').test(text)
  expect(names.filter((name) => !isExported(name) || !section.includes(name))).toEqual([])
})

// dear: a program loads the whole source, which may not be compiled yet
/** What a program finds in a source with all recipes. */
let found: { readonly [recipe: string]: unknown }
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-recipes-'))
  await writeFile(join(folder, 'antiphon.yaml'), 'tallyLimit: 5\n')
  await writeFile(join(folder, 'recipes.json'), JSON.stringify([...filesOf(recipes)]))
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { cwd: folder })
  found = JSON.parse(stdout)
  return () => rm(folder, { recursive: true, force: true })
  // it loads the whole source, which takes long beside busy processes
}, 120_000)

it('a pipeline calls the tool', () => expect(found.tool).toBe('ebb-flow'))

it('a step fails with the error code', () => {
  expect(found.code).toEqual({ code: 'slug_empty', exit: 2, status: 400 })
})

it('the command line has the command', () => expect(found.command).toEqual({ code: 0, out: 'data' }))

it('the compiler checks the step key', () => {
  expect(found.key).toEqual(['`temperature`: expected a number from 0 to 2, got 3'])
})

it('the server has the route, for the owner of the run', () => {
  expect(found.route).toEqual([
    { steps: 1, ended: 1 },
    { code: 'not_found', status: 404 },
  ])
})

it('the room has an actor, a port, two routes, a tool, a setting and an error code', () => {
  expect(found.room).toEqual({
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

it('a text is a run of the language, and all that every run has works', () => {
  expect(found.language).toMatchObject({ status: 'completed', outputs: { result: 3 }, steps: ['count'] })
})

it('the data of the room goes with its owner, and its actors are no news at the start', () => {
  // the tallies `cups` and `xyloglyph`
  expect(found.forget).toEqual({ tallies: 2, left: [], inFiles: [], told: [] })
})
