import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loadPlugins } from '../../../src/tool/plugin/plugins.ts'
import { contextAt, workFolder } from '../context.ts'

const place = workFolder()
const load = (...paths: string[]) => loadPlugins(paths, place.root)

/** The text of a tool: `input` takes anything. */
const tool = (name: string, more = '') => `{
  name: ${JSON.stringify(name)}, description: 'a tool', effect: 'pure',
  input: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  execute: (input) => ({ got: input }), ${more} }`

async function write(path: string, text: string): Promise<string> {
  const file = join(place.root, path)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, text)
  return file
}

/** Where plugins cannot be loaded, as a process of its own has it: here vitest reads modules its own way. */
async function placesOf(files: readonly string[]): Promise<unknown> {
  const module = new URL('../../../src/tool/plugin/plugins.ts', import.meta.url).href
  const program = `import { loadPlugins } from ${JSON.stringify(module)}
    const places = []
    for (const file of ${JSON.stringify(files)}) await loadPlugins([file], ${JSON.stringify(place.root)}).catch((error) => places.push(error.place))
    console.log(JSON.stringify(places))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  return JSON.parse(stdout)
}

describe('plugins that are fine', () => {
  it('give one tool or a list, in the order of the files', async () => {
    await write(
      'tools/slugify.ts',
      `const name: string = 'slugify'\nexport default ${tool('slugify')} satisfies object`,
    )
    await write('many.mjs', `export default [${tool('text:words')}, ${tool('text:lines')}]`)
    const tools = await load('tools/slugify.ts', './many.mjs')
    expect(tools.map(({ name }) => name)).toEqual(['slugify', 'text:words', 'text:lines'])
    expect(await tools[0]!.execute('a', contextAt(place.root))).toEqual({ got: 'a' })
  })

  it('may add an operation to a built-in tool', async () => {
    await write('more.mjs', `export default ${tool('filesystem:count')}`)
    expect(await load('more.mjs')).toHaveLength(1)
  })

  it('may be none', async () => {
    expect(await load()).toEqual([])
  })
})

describe('a plugin that is not', () => {
  it.each<[what: string, file: string, text: string | undefined, message: string]>([
    ['missing', 'no.ts', undefined, 'the file does not exist'],
    ['of another kind', 'tool.yaml', 'a: 1', 'a plugin is a module that ends in .ts, .js, .mts, .mjs'],
    ['broken', 'broken.mjs', `throw new Error('boom')`, 'cannot be loaded: boom'],
    ['without a default export', 'named.mjs', `export const tool = ${tool('a')}`, 'it has no default export'],
    ['empty', 'empty.mjs', 'export default []', 'its default export is an empty list'],
    ['no tool', 'text.mjs', `export default 'slugify'`, 'default: not a tool'],
    ['a function', 'function.mjs', 'export default () => {}', 'default: not a tool'],
    ['a list with a hole', 'hole.mjs', `export default [${tool('a')}, null]`, 'default[1]: not a tool'],
    ['nameless', 'nameless.mjs', `export default ${tool('a', 'name: 7')}`, 'default: `name` is not a text'],
    [
      'misnamed',
      'misnamed.mjs',
      `export default ${tool('My Tool')}`,
      'expected the name of a tool, such as get_weather or shop:order, got "My Tool"',
    ],
    ['undescribed', 'mute.mjs', `export default ${tool('a', 'description: null')}`, '`description` is not a text'],
    ['without input', 'inputless.mjs', `export default ${tool('a', 'input: {}')}`, '`input` is not a schema'],
    ['without effect', 'effect.mjs', `export default ${tool('a', `effect: 'none'`)}`, '`effect` is not one of'],
    ['without execute', 'lazy.mjs', `export default ${tool('a', 'execute: 1')}`, '`execute` is not a function'],
  ])('is refused by file and fault when it is %s', async (_, path, text, message) => {
    const file = text === undefined ? join(place.root, path) : await write(path, text)
    const refused = load(path)
    await expect(refused).rejects.toMatchObject({ name: 'InvalidError', place: { file } })
    await expect(refused).rejects.toThrow(`plugin ${path}: `)
    await expect(refused).rejects.toThrow(message)
  })

  it('is refused with the file and line of what keeps it from loading', async () => {
    const faults: readonly (readonly [file: string, text: string, place: object])[] = [
      ['throws.mjs', `\nconst act = () => {\n  throw new Error('boom')\n}\nact()`, { line: 3, column: 9 }],
      ['syntax.ts', 'const a: number = 1\nexport const b: = 2', { line: 2 }],
      ['syntax.mjs', 'const a = 1\n\nexport const b = = 2', { line: 3 }],
      ['lost.mjs', `// tools\nimport { x } from './nowhere/helper.mjs'\nexport default x`, { line: 2 }],
      ['bare.mjs', `import 'no-such-package-anywhere'`, { line: 1 }],
      ['unnamed.mjs', `import fs from 'node:fs'\nimport { nothing } from './named.mjs'`, { line: 2 }],
      ['above.mjs', `import './deep/helper.mjs'`, { file: join(place.root, 'deep/helper.mjs'), line: 2, column: 7 }],
    ]
    await write('named.mjs', 'export const something = 1')
    await write('deep/helper.mjs', `\nthrow new TypeError('deep')`)
    for (const [file, text] of faults) await write(file, text)
    expect(await placesOf(faults.map(([file]) => file))).toEqual(
      faults.map(([file, , at]) => ({ file: join(place.root, file), ...at })),
    )
  })

  it.each([
    ['filesystem:read', 'clashes with filesystem:read of antiphon itself'],
    ['terminal', 'clashes with terminal:execute of antiphon itself'],
  ])('is refused when it claims %s', async (name, message) => {
    await write('clash.mjs', `export default ${tool(name)}`)
    await expect(load('clash.mjs')).rejects.toThrow(message)
  })

  it('is refused when another plugin has the name, which is reported', async () => {
    await write('first.mjs', `export default ${tool('slugify')}`)
    await write('second.mjs', `export default ${tool('slugify')}`)
    await expect(load('first.mjs', 'second.mjs')).rejects.toThrow('clashes with slugify of first.mjs')
  })
})
