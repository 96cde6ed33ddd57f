import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { readProgram } from '../../../src/http/program/load/read-program.ts'
import { runHere } from '../../cli/here.ts'
import { REAL } from '../../cli/programs.ts'

const INDEX = JSON.stringify(join(import.meta.dirname, '../../../src/index.ts'))
const ORDER = `import { defineWorkflow, start } from ${INDEX}
import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string() }),
  run: async (ctx, { id }) => \`\${await ctx.step('charge', () => 'charged')} \${id}\`,
})
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-app-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
})

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const config = (app: string) => {
  write('antiphon.yaml', `embedder: none\ndurability: process\napp: ${app}\n`)
  return loadConfig({ folder, environment: {} })
}
const refusalOf = async (app: string) =>
  readProgram(await config(app)).then(
    () => 'none',
    ({ message }: Error) => message,
  )

describe('app: of antiphon.yaml', () => {
  it('hands the options of start over, and does not go on', async () => {
    write(
      'app.mts',
      `${ORDER}globalThis.wentOn = true\nawait start({ workflows: [order], budgets: { day: 3 }, data: './x' })\nglobalThis.wentOn = 'too far'\n`,
    )
    const { parts, settings } = await readProgram(await config('app.mts'))
    expect(parts).toMatchObject({ workflows: [{ name: 'order', version: 1 }] })
    expect(Object.keys(parts)).toEqual(['workflows'])
    expect((await settings(await config('app.mts'))).budgets).toEqual({ day: 3 })
    expect(globalThis).toMatchObject({ wentOn: true })
  })

  it('says that a command works in another data folder than the program', async () => {
    await config('app.mts')
    write('app.mts', `${ORDER}await start({ workflows: [order], data: 'mine' })\n`)
    const said: string[] = []
    const writing = vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0)
    onTestFinished(() => writing.mockRestore())
    const run = (...more: string[]) => runHere(REAL, ['run', 'order', '-i', 'id=7', ...more], { folder })
    expect(await run()).toMatchObject({ code: 0 })
    const [mine, own] = [join(folder, 'mine'), join(folder, '.antiphon')]
    const note = `app.mts calls start({ data }) with ${mine}, and this command works in ${own}. To work in the same folder, write into antiphon.yaml: data: mine\n`
    expect(said).toContain(note)
    said.length = 0
    expect(await run('--data', 'mine')).toMatchObject({ code: 0 })
    expect(said.join('')).not.toContain('start({ data })')
  })

  it('is a file of the project that calls start', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'antiphon-outside-'))
    onTestFinished(() => rmSync(outside, { recursive: true, force: true, maxRetries: 5 }))
    writeFileSync(join(outside, 'app.mts'), 'globalThis.outside = true')
    symlinkSync(join(outside, 'app.mts'), join(folder, 'link.mts'))
    mkdirSync(join(folder, 'src'))
    write('idle.mts', 'export {}')
    write('src/thrown.mts', 'throw new Error("no key")')
    expect(await refusalOf(join(outside, 'app.mts'))).toContain('expected a file in the folder of antiphon.yaml')
    expect(await refusalOf('../app.mts')).toContain('expected a file in the folder of antiphon.yaml')
    expect(await refusalOf('link.mts')).toContain('expected a file in the folder of antiphon.yaml')
    expect(await refusalOf('none.mts')).toContain('the file does not exist')
    expect(await refusalOf('idle.mts')).toContain('it ended and did not call start()')
    expect(await refusalOf('src/thrown.mts')).toContain('no key')
    expect(await refusalOf('notes.md')).toContain('is a module that ends in')
    expect(globalThis).not.toHaveProperty('outside')
  })

  it('gives commands the tools of the program; without it, they say which file to name', async () => {
    const tool = `defineTool({ name: 'quote', description: 'Quotes', input: z.object({}), effect: 'pure', execute: () => 1 })`
    write('app.mts', `${ORDER.replace('start }', 'defineTool, start }')}await start({ tools: [${tool}] })\n`)
    write('p.yaml', 'name: p\nsteps:\n  - id: ask\n    tool: quote\n    parameters: {}\n')
    const cli = (...args: string[]) => runHere(REAL, args, { folder })
    write('antiphon.yaml', 'embedder: none\ndurability: process\n')
    const { code, out } = await cli('validate', 'p.yaml')
    expect({ code, out }).toEqual({
      code: 2,
      out: expect.stringMatching(
        /p\.yaml:4:11: error\[unknown_tool\] \S+ there is no tool `quote`[\s\S]*needs app: FILE/,
      ),
    })
    await config('app.mts')
    expect(await cli('validate', 'p.yaml')).toMatchObject({ code: 0 })
  })

  it('lets a command run a workflow while no program runs, and a reader does not load it', async () => {
    await config('app.mts')
    write('app.mts', `${ORDER}await start({ workflows: [order] })\n`)
    const cli = (...args: string[]) => runHere(REAL, args, { folder })
    const ran = await cli('run', 'order', '-i', 'id=7', '--id', 'order-7')
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('charged 7') })
    // a file that nothing has loaded yet
    write('other.mts', 'throw new Error("it is loaded")')
    await config('other.mts')
    expect(await cli('show', 'order-7')).toMatchObject({ code: 0 })
    expect(await cli('run', 'order', '-i', 'id=8')).toMatchObject({ code: 2, err: expect.stringContaining('loaded') })
    write('antiphon.yaml', 'embedder: none\ndurability: process\n')
    const without = await cli('run', 'order', '-i', 'id=8')
    expect(without).toMatchObject({ code: 2, err: expect.stringContaining('name it in antiphon.yaml: app: FILE.') })
  })
})
