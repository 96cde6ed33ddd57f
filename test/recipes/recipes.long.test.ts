import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CPU_LOG } from '../cpu-table.ts'
import { commandsOf, filesOf, ROOT, readRecipes, sizesWith } from './recipe.ts'

const recipes = readRecipes()
const files = filesOf(recipes)
const tests = [...files.keys()].filter((path) => path.endsWith('.test.ts'))
/** What the recipes tell to run. */
const named = [
  ...new Set(commandsOf(recipes.keys(), 'npx vitest run').flatMap((command) => command.split(' ').slice(3))),
]
/** The folders among them whose tests are many; ANTIPHON_RECIPES asks for all of them. */
const LARGE: { readonly [path: string]: readonly string[] } = {
  'test/tool': ['test/tool/own-tests.test.ts', ...tests.filter((test) => test.startsWith('test/tool/'))],
  'test/pipeline': tests.filter((test) => test.startsWith('test/pipeline/')),
  'test/pipeline/c': [],
  'test/http': ['test/http/authorize'],
}
const asked = process.env.ANTIPHON_RECIPES === undefined ? named.flatMap((path) => LARGE[path] ?? [path]) : named
const COPIED = [
  'api',
  'create',
  'skills',
  'llms.txt',
  'packages',
  'src',
  'ui',
  'trials',
  'test',
  'bench',
  'build',
  'bin',
  'docs',
  'examples',
  'README.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'antiphon.yaml',
  'biome.json',
  'tsconfig.build.json',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'CHANGELOG.md',
]

const PROJECTS = ['unit', 'short', 'mocks'].flatMap((name) => ['--project', name])

/** A copy of the repository with all recipes in it. */
let folder: string
const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`
// the tests in the copy count as the work of this one
const ENVIRONMENT = { ...process.env, PATH, [CPU_LOG]: undefined }
const run = (program: string, ...args: readonly string[]) =>
  promisify(execFile)(program, args, { cwd: folder, maxBuffer: 1 << 26, env: ENVIRONMENT })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-recipes-'))
  // another test may be building what is in `dist`, or remove a file that it has just written (`.actor-1819-2.ts`)
  const filter = (from: string) => basename(from) !== 'dist' && !basename(from).startsWith('.actor-')
  for (const part of COPIED) await cp(join(ROOT, part), join(folder, part), { recursive: true, filter })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await writeFile(join(folder, 'build/sizes.json'), JSON.stringify(sizesWith(files)))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

// dear: tsc and vitest run over the checkout with all recipes
it('the recipes compile, and the types of the room reach the runtime and the client', async () => {
  const settings = { extends: './tsconfig.json', include: ['src', 'use.ts', ...tests] }
  await writeFile(join(folder, 'compile.json'), JSON.stringify(settings))
  await writeFile(join(folder, 'use.ts'), USE)
  // several checkers would each read most of the types: other tests use the other cores
  await run('tsc', '-p', 'compile.json', '--checkers', '1')
}, 300_000)

it('the view compiles, and nothing in the recipes is unused', async () => {
  await run('node', 'build/check-ui.ts')
  await run('npm', 'run', '-s', 'unused')
}, 300_000)

it('the commands of the recipes write pages that name what was added', async () => {
  const commands = new Set(commandsOf(recipes.keys(), 'node'))
  expect([...commands]).toEqual(['node test/docs/tools.ts', 'node test/docs/http.ts', 'node test/docs/api.ts'])
  for (const command of commands) await run('node', ...command.split(' ').slice(1))
  const { stdout } = await run('grep', '-lE', 'slug_empty|## tally:add|## slug|TalliesPort', '-r', 'docs', 'api')
  expect(stdout.trim().split('\n').sort()).toEqual(['api/types.md', 'docs/http.md', 'docs/tools.md'])
}, 300_000)

it('the tests that the recipes name pass', async () => {
  // some of them measure, and other tests use the cores
  await run('vitest', 'run', '--retry', '1', ...PROJECTS, ...asked)
}, 1_200_000)

it('the paths that the recipes give to vitest exist, and lead to the tests of the recipes', async () => {
  for (const path of named) expect((await run('bash', '-c', `ls -d ${path}*`)).stdout, path).not.toBe('')
  expect(tests.filter((test) => !named.some((path) => test.startsWith(path)))).toEqual([])
})

const USE = `
import type { Client } from './src/http/client/client.ts'
import type { Config } from './src/config/config.ts'
import type { Runtime } from './src/runtime/ports.ts'

export async function use(runtime: Runtime, client: Client, { tallyLimit }: Config): Promise<number | undefined> {
  const { total } = await runtime.tallies.add('cups', 1, { owner: 'ann' })
  // @ts-expect-error the owner is that of the caller
  await client.tallies.add('cups', total, 'ann')
  return tallyLimit
}
`
