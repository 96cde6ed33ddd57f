import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { awaitLife, checkIntegrity, type KillPlan, killRepeatedly, openFileLedger } from '../../trials/index.ts'

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

// what these programs need of it: each of them is a process
const TESTING = join(import.meta.dirname, '../../trials/kill')
const IMPORTS = ['process', 'ledger'].map((name) => JSON.stringify(join(TESTING, `${name}.ts`)))

/** A program that counts its lives in a ledger, then does what `rest` says. */
function writeProgram(folder: string, rest: string): string {
  const program = join(folder, 'program.ts')
  writeFileSync(
    program,
    `import { awaitLife } from ${IMPORTS[0]}
     import { openFileLedger } from ${IMPORTS[1]}
     const { settings, begin } = await awaitLife<any>()
     openFileLedger(${JSON.stringify(join(folder, 'ledger'))}).write(settings)
     begin()
     ${rest}`,
  )
  return program
}

const LIVE_ON = 'if (!settings.isLast) setInterval(() => {}, 1000)'

describe('killRepeatedly', () => {
  const plan: Omit<KillPlan, 'program'> = {
    kills: 3,
    seed: 5,
    longest: 5,
    settings: ({ number, isLast, random }) => ({ number, isLast, drawn: random.below(1000) }),
  }

  test('lets a program live again and again, and lets its last life end', async () => {
    const folder = openFolder()
    const inspected: number[] = []
    const kills = await killRepeatedly({
      ...plan,
      program: writeProgram(folder, LIVE_ON),
      inspect: ({ number }) => void inspected.push(number),
    })
    expect(kills).toBe(3)
    expect(inspected).toEqual([1, 2, 3])
    const lives = openFileLedger(join(folder, 'ledger')).read() as { number: number; isLast: boolean }[]
    // one that is killed before it begins has written nothing
    expect(lives.at(-1)).toMatchObject({ number: 4, isLast: true })
    expect(lives.length).toBeGreaterThan(1)
  })

  test('goes on for at least so many seconds', async () => {
    const began = performance.now()
    const kills = await killRepeatedly({
      ...plan,
      kills: 0,
      seconds: 0.5,
      program: writeProgram(openFolder(), LIVE_ON),
    })
    expect(kills).toBeGreaterThan(0)
    expect(performance.now() - began).toBeGreaterThan(500)
  })

  test('draws the same for the same seed', async () => {
    const drawn: Json[] = []
    const keep: KillPlan['settings'] = (life) => {
      drawn.push(plan.settings(life))
      return drawn.at(-1)!
    }
    const program = writeProgram(openFolder(), LIVE_ON)
    for (const seed of [5, 5, 6]) await killRepeatedly({ ...plan, kills: 2, seed, settings: keep, program })
    expect(drawn.slice(3, 6)).toEqual(drawn.slice(0, 3))
    expect(drawn.slice(6)).not.toEqual(drawn.slice(0, 3))
  })

  test.each([
    ['ends by itself', 'process.exit(3)', /^life \d of seed 5 ended with code 3$/],
    ['fails', `throw new Error('a bug')`, /^life \d of seed 5 ended with code 1: [\s\S]*a bug/],
    ['complains', `console.error('odd'); ${LIVE_ON}`, /^life \d of seed 5 ended [\s\S]*: odd/],
  ])('says so when a life %s', async (_how, rest, message) => {
    // early enough to be told apart from a kill
    const patient = { ...plan, kills: 20, longest: 400 }
    await expect(killRepeatedly({ ...patient, program: writeProgram(openFolder(), rest) })).rejects.toThrow(message)
  })

  test('says so when a life does not begin its work, or the last one does not end', async () => {
    const endless = writeProgram(openFolder(), 'setInterval(() => {}, 1000)')
    const impatient = { ...plan, kills: 0, patience: 300 }
    await expect(killRepeatedly({ ...impatient, program: endless })).rejects.toThrow('life 1 of seed 5 did not end')
    const idle = join(openFolder(), 'idle.ts')
    writeFileSync(idle, `import { awaitLife } from ${IMPORTS[0]}\nawait awaitLife()\nsetInterval(() => {}, 1000)`)
    const begin = killRepeatedly({ ...impatient, kills: 20, program: idle })
    await expect(begin).rejects.toThrow(/life \d of seed 5 did not begin within 300 ms/)
  })

  test('ends with what an inspection throws', async () => {
    const inspect = () => {
      throw new Error('broken')
    }
    const program = writeProgram(openFolder(), LIVE_ON)
    await expect(killRepeatedly({ ...plan, inspect, program })).rejects.toThrow('broken')
  })
})

test('awaitLife says who is to start a program that was started by hand', async () => {
  const { send } = process
  Object.assign(process, { send: undefined })
  onTestFinished(() => void Object.assign(process, { send }))
  await expect(awaitLife()).rejects.toThrow('killRepeatedly')
})

describe('a ledger', () => {
  test('gives what was written since it was read last, by whomever', () => {
    const path = join(openFolder(), 'ledger')
    const [reader, writer] = [openFileLedger(path), openFileLedger(path)]
    writer.write({ a: 1 })
    reader.write('ä')
    expect(reader.read()).toEqual([{ a: 1 }, 'ä'])
    expect(reader.read()).toEqual([])
    writer.write([null])
    expect(reader.read()).toEqual([[null]])
    for (const ledger of [reader, writer]) ledger.close()
  })

  test('cuts off a line that a kill left unfinished', () => {
    const path = join(openFolder(), 'ledger')
    const ledger = openFileLedger(path)
    ledger.write(1)
    appendFileSync(path, '{"unfin')
    expect(ledger.read()).toEqual([1])
    ledger.write(2)
    expect(ledger.read()).toEqual([2])
    expect(readFileSync(path, 'utf8')).toBe('1\n2\n')
    ledger.close()
  })
})

describe('checkIntegrity', () => {
  test('tells a whole file from a damaged one, and leaves it as it is', () => {
    const path = join(openFolder(), 'a.db')
    expect(checkIntegrity(path)).toBe('ok')
    const database = new Libsql(path)
    database.exec('create table t(x text); create index i on t(x)')
    database.exec(`insert into t select 'text ' || value from generate_series(1, 2000)`)
    database.close()
    expect(checkIntegrity(path)).toBe('ok')
    const bytes = readFileSync(path)
    bytes.fill(0xff, 3 * 4096, 4 * 4096)
    writeFileSync(path, bytes)
    expect(checkIntegrity(path)).not.toBe('ok')
    expect(readFileSync(path)).toEqual(bytes)
  })
})
