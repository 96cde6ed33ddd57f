import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AS_SOURCES } from '../as-sources.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const PROGRAM = join(import.meta.dirname, 'checked-program.ts')

type Deploy = { readonly [name: string]: string }

/** Programs share what an earlier one has compiled. */
const COMPILED = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE! }

/** A shop with four goals that wait for a person, and the check of further deploys. */
function shop(goals = 'g1 g2 g3 g4') {
  const { folder, path, write } = openBench()
  write('antiphon.yaml', 'embedder: none\n')
  if (goals !== '')
    execFileSync(process.execPath, [...AS_SOURCES, PROGRAM], { cwd: folder, env: { ...COMPILED, GOALS: goals } })
  const check = (environment: Deploy, ...args: string[]) =>
    runHere(REAL, ['agent', 'check', ...(args.length > 0 ? args : [PROGRAM])], {
      folder,
      environment: { ...COMPILED, ...environment },
    })
  return { folder, path, write, check }
}

const GROUP = { agent: 'support', changes: ['refund input: + reason (required)'], goals: ['g1', 'g2', 'g3', 'g4'] }

test('agent check of a program says which goals would wait after a deploy, and for what', async () => {
  const { check } = shop()
  expect(await check({})).toMatchObject({ code: 0, out: '', err: expect.stringContaining('No goal in ') })
  expect(await check({ INPUT: 'order reason' })).toEqual({
    code: 1,
    err: '',
    out: `support  4 goals  would wait for an answer
  refund input: + reason (required)
  g1, g2, g3 and 1 more
  After the deploy, to let them go on: antiphon agent resume --all --agent support --with-new-code
`,
  })
  const reportOf = async (onChange: string) => {
    const { code, out } = await check({ INPUT: 'order reason', ON_CHANGE: onChange }, PROGRAM, '--json')
    return [code, JSON.parse(out)]
  }
  expect(await reportOf('adopt')).toEqual([0, { changes: [{ ...GROUP, outcome: 'goes-on' }] }])
  expect(await reportOf('finish-old')).toEqual([1, { changes: [{ ...GROUP, outcome: 'keeps' }] }])
})

test('agent check asks the process that owns the folder, and starts nothing', async () => {
  const { folder, path, check } = shop('')
  const env = { ...COMPILED, GOALS: 'g1', STAYS: 'yes' }
  const owner = spawn(process.execPath, [...AS_SOURCES, PROGRAM], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void owner.kill('SIGKILL'))
  await once(owner.stdout, 'data')
  const before = readFileSync(path('.antiphon/owner.json'), 'utf8')
  // a program that works would start this goal
  const { code, out } = await check({ INPUT: 'order reason', GOALS: 'g9' }, PROGRAM, '--json')
  expect([code, JSON.parse(out)]).toEqual([1, { changes: [{ ...GROUP, goals: ['g1'], outcome: 'asks' }] }])
  expect(readFileSync(path('.antiphon/owner.json'), 'utf8')).toBe(before)
})

test('agent check says why a program cannot be checked', async () => {
  const { path, write, check } = shop('')
  const index = JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))
  write('ends.mjs', 'console.error("no key"); process.exit(3)')
  write('hangs.mjs', 'console.log("here"); setInterval(() => {}, 1000)')
  write('bare.mjs', `import { createRuntime } from ${index}\nawait createRuntime()`)
  expect(await check({}, 'none.mjs')).toMatchObject({ code: 2, err: 'There is no program none.mjs.\n' })
  expect(await check({}, 'ends.mjs', 'none.mjs')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Expected one program alone'),
  })
  expect(await check({}, 'ends.mjs')).toMatchObject({
    code: 2,
    err: `${path('ends.mjs')} ended with exit code 3 before it called start().\n  Its output:\nno key\n`,
  })
  expect(await check({}, 'hangs.mjs', '--timeout', '1')).toMatchObject({
    code: 2,
    err: `${path('hangs.mjs')} did not call start() and answer within 1 s.\n  Its output:\nhere\n`,
  })
  expect((await check({}, 'bare.mjs')).err).toContain('createRuntime cannot be checked before a deploy.')
  expect((await check({})).err).toBe(`There is no data folder ${path('.antiphon')}, so no work waits there.\n`)
  expect(existsSync(path('.antiphon'))).toBe(false)
})
