import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { migrate } from '../../../src/runtime/migrate/migrate.ts'
import type { MigrateOptions } from '../../../src/runtime/migrate/options.ts'
import { createRuntime, type ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { claimFolder } from '../../../src/store/data-folder/owner.ts'
import { createTraveller } from './traveller.ts'

export type Journey = Awaited<ReturnType<typeof openJourney>>

/** A data folder with travellers that is opened on either engine, and moved. */
export async function openJourney() {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-migrate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const traveller = createTraveller()
  const data = join(folder, '.antiphon')
  const open = async (restate?: string, namespace?: string): Promise<ServedRuntime> => {
    const engine = restate === undefined ? {} : { restate: [restate] }
    const config = await loadConfig({ folder, engine, environment: {} })
    const named = namespace !== undefined && { restate: { ...config.restate!, namespace } }
    const runtime = await createRuntime({ ...config, ...named, embedder: 'none' }, { actors: [traveller.actor] })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  const move = async (options: Omit<MigrateOptions, 'data'>) => {
    const owner = await claimFolder(data, { command: 'a test' })
    if (owner.taken) throw new Error('the folder is taken')
    try {
      return await migrate({ data, ...options })
    } finally {
      owner.release()
    }
  }
  return { ...traveller, folder, data, open, move }
}

/** The traveller of a key. */
export const of = (key: string) => ({ kind: 'traveller', key })

/** An ask that is answered later, a timer, delayed mail, a turn in the middle, mail behind it, and one that must not be repeated; resolves with who asked. */
export async function begin({ engine }: ServedRuntime, key: string, { calls }: Journey, delay: number) {
  const left = () => 'the asker went away'
  const asked = engine.ask(of(`${key}.later`), { later: true }, { id: `${key}:later` }).catch(left)
  await expect.poll(() => engine.view.peek(of(`${key}.later`))).toMatchObject({ asker: { kind: 'reply' } })
  await engine.tell(of(`${key}.nap`), { nap: delay })
  await engine.tell(of(`${key}.delayed`), { add: 7 }, { delay })
  await engine.tell(of(`${key}.paid`), { pay: true })
  await expect.poll(() => calls).toContain(`${key}.paid pay`)
  const held = engine.ask(of(`${key}.held`), { hold: true }, { id: `${key}:held` }).catch(left)
  await expect.poll(() => calls.at(-1)).toBe(`${key}.held second`)
  await engine.tell(of(`${key}.held`), { add: 5 }, { id: `${key}:behind` })
  await expect.poll(async () => (await inspect(engine, `${key}.nap`))?.waiting).toBe(1)
  return [asked, held]
}

/** What was begun comes to its end: the effect that was interrupted was repeated once, the one before it was not. */
export async function end({ engine }: ServedRuntime, key: string, { calls, gateOf }: Journey): Promise<void> {
  const held = () => calls.filter((call) => call.startsWith(`${key}.held`))
  await expect.poll(held).toEqual(['first', 'second', 'second'].map((effect) => `${key}.held ${effect}`))
  gateOf(`${key}.held`).release()
  expect(await engine.ask(of(`${key}.held`), { hold: true }, { id: `${key}:held` })).toBe('held')
  await engine.tell(of(`${key}.held`), { add: 5 }, { id: `${key}:behind` })
  await expect.poll(() => engine.view.peek(of(`${key}.held`))).toMatchObject({ total: 5 })
  await engine.tell(of(`${key}.later`), { answer: 'at last' })
  expect(await engine.ask(of(`${key}.later`), { later: true }, { id: `${key}:later` })).toBe('at last')
  for await (const { body } of engine.view.events(of(`${key}.paid`))) {
    expect(body).toBe('perhaps paid')
    break
  }
  expect(calls.filter((call) => call === `${key}.paid pay`)).toHaveLength(1)
}

/** What slept has woken up, once. */
export async function wake({ engine }: ServedRuntime, key: string): Promise<void> {
  await expect.poll(() => engine.view.peek(of(`${key}.delayed`))).toMatchObject({ total: 7 })
  await expect.poll(async () => (await inspect(engine, `${key}.nap`))?.cell?.events).toBe(2)
}

async function inspect({ view }: ServedRuntime['engine'], key: string) {
  const [found] = await view.inspect({ kind: 'traveller', key })
  return found
}
