import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditIndependently, disagreements } from '../examples/audit-independent.ts'
import { type Environment, freshEnvironment, hasModulesAbove, npmSetting, run } from './command.ts'

const ROOT = resolve(import.meta.dirname, '../..')
// an install takes minutes where other suites use the same cores
const LONG = 300_000
const REBUILD = 'npm rebuild node --ignore-scripts=false'
const top = join(tmpdir(), `antiphon-clone-${process.pid}-${Date.now()}`)
const clone = join(top, 'clone')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

// what was downloaded for this checkout need not come again
const cache = { npm_config_cache: npmSetting('cache'), npm_config_prefer_offline: 'true' }
const system = { ...freshEnvironment(top), ...cache }
const systemNode = nodeOf(system)
const isOld = Number(systemNode.split('.')[0]) < 22
const newer = { ...freshEnvironment(top, process.execPath), ...cache }

// the clone holds what is committed
beforeAll(async () => {
  if (hasModulesAbove(top)) throw new Error(`there is a node_modules above ${top}: npm and Node would look into it`)
  mkdirSync(top)
  expect(await run(['git', 'clone', '--quiet', ROOT, clone], { folder: top, environment: system })).toMatchObject({
    code: 0,
  })
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

const shellOf =
  (environment: Environment) =>
  (...command: readonly string[]) =>
    run(command, { folder: clone, environment })
const onSystem = shellOf(system)
const onNewer = shellOf(newer)

describe(`a fresh clone, with npm on the Node of the system, ${systemNode}, and no install scripts`, () => {
  // dear: npm installs all packages, as in a fresh clone
  test('installs without a word of warning', { timeout: LONG }, async () => {
    const { code, out, err } = await onSystem('npm', 'ci', '--ignore-scripts')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^\s*added \d+ packages in [\dms ]+\n$/)
  })

  // an npm that runs no install scripts brings the package of the Node without the Node
  test('says on an older Node what to do', async ({ skip }) => {
    skip(!isOld, `the system's own Node is ${systemNode}, which needs no help`)
    const { code, err } = await onSystem('npm', 'start')
    expect(code).toBe(2)
    const advice =
      /^antiphon needs Node 22\.18 or newer, and this is ([\d.]+)\. .* run "(npm [^"]*)" in (.*), which .*\n$/
    const [, version, command, folder] = advice.exec(err)!
    expect([version, command, resolve(folder!)]).toEqual([systemNode, REBUILD, resolve(clone)])
  })

  test('has the command on a newer Node', () => expectCommand(onNewer))

  test('is helped by that, without a word of warning', { timeout: LONG }, async () => {
    expect(await onSystem(...REBUILD.split(' '))).toMatchObject({ code: 0, err: '' })
  })
})

describe('then', () => {
  test('has the command on the Node of the system', () => expectCommand(onSystem))

  test('hands on what it is asked', async () => {
    expect(await onSystem('npm', 'start', '--', '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: npm start -- [--no-kill]'),
    })
  })

  // the launcher goes on with a Node that is new enough: the Node of this project starts the same
  // dear: `npm start` reads a folder of packages twice, with a kill between
  test('does the main job with a kill halfway', { timeout: LONG }, async () => {
    const { code, out, err } = await onSystem('npm', 'start')
    expect([code, err]).toEqual([0, expect.stringContaining('SIGKILL')])
    const proof =
      /Killed halfway .*: resumed in \d+ ms · (\d+) steps reused · (\d+) of (\d+) in-flight steps repeated · 0 lost\n/
    const [reused, repeated, inFlight] = proof.exec(out)!.slice(1).map(Number) as [number, number, number]
    expect(reused).toBeGreaterThan(100)
    expect(repeated).toBeLessThanOrEqual(inFlight)
    expect(out).toMatch(/docs\/(?:concepts|actors)\.md:\d+/)
    expect(contradictions()).toEqual([])
  })

  test('is as it was: the lock file is complete, and what comes of a start is ignored', async () => {
    expect(await onSystem('git', 'status', '--porcelain')).toEqual({ code: 0, out: '', err: '' })
  })
})

type Shell = ReturnType<typeof shellOf>

async function expectCommand(shell: Shell): Promise<void> {
  expect(await shell('npx', 'antiphon', '--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
}

function nodeOf(environment: Environment): string {
  return execFileSync('node', ['-p', 'process.versions.node'], { env: environment, encoding: 'utf8' }).trim()
}

/** Where the audit and the independent script disagree on the packages that are installed. */
function contradictions(): readonly string[] {
  const testimony = auditIndependently(clone)
  expect(testimony.packages.length).toBeGreaterThan(50)
  expect(readFileSync(join(clone, 'audit.md'), 'utf8')).toContain('node_modules/')
  return disagreements(JSON.parse(readFileSync(join(clone, 'audit.json'), 'utf8')), testimony)
}
