import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineActor, loadConfig, type RuntimeParts, runPipeline } from '../../../src/index.ts'
import { runHere } from '../../cli/here.ts'
import { REAL } from '../../cli/programs.ts'

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-own-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'antiphon.yaml'), 'embedder: none\n')
  return folder
}

async function openOwn(folder: string, parts: RuntimeParts = {}) {
  const runtime = await createRuntime(await loadConfig({ folder, environment: {} }), parts)
  onTestFinished(() => runtime.stop())
  return runtime
}

const command = (folder: string, ...args: readonly string[]) => runHere(REAL, args, { folder })

const socketIn = (folder: string) => join(folder, '.antiphon/socket')

it('a dead letter of an actor of a program is sent again by a command, while the program has the folder', async () => {
  const folder = await openFolder()
  let isMended = false
  const counter = defineActor({
    kind: 'counter',
    message: z.object({ add: z.number() }),
    initial: () => ({ total: 0 }),
    receive({ total }, { add }) {
      if (!isMended) throw new Error('not yet')
      return { state: { total: total + add }, reply: total + add }
    },
  })
  const { engine } = await openOwn(folder, { actors: [counter] })
  const to = { kind: 'counter', key: 'visits' }
  await expect(engine.ask(to, { add: 1 })).rejects.toThrow('not yet')
  const letters = JSON.parse((await command(folder, 'deadletters', 'list', '--json')).out)
  expect(letters).toMatchObject([{ to: 'counter/visits' }])
  isMended = true
  expect(await command(folder, 'deadletters', 'retry', letters[0].id)).toMatchObject({ code: 0, err: '' })
  expect(await engine.ask(to, { add: 1 })).toBe(2)
})

it('after a stop, also a second one, its address is closed and the folder is free', async () => {
  const folder = await openFolder()
  const runtime = await openOwn(folder)
  expect(existsSync(socketIn(folder))).toBe(true)
  await expect(openOwn(folder)).rejects.toMatchObject({ code: 'owned' })
  expect(existsSync(socketIn(folder))).toBe(true)
  await Promise.all([runtime.stop(), runtime.stop()])
  expect(existsSync(socketIn(folder))).toBe(false)
  await (await openOwn(folder)).stop()
})

it('a runtime that fails to open leaves the folder free', async () => {
  const folder = await openFolder()
  const twice = defineActor({ kind: 'run', message: z.object({}), initial: () => ({}), receive: () => ({}) })
  await expect(openOwn(folder, { actors: [twice] })).rejects.toThrow('run')
  await (await openOwn(folder)).stop()
})

it('a pipeline that a program runs is answered by a command meanwhile', async () => {
  const folder = await openFolder()
  const file = join(folder, 'gate.yaml')
  await writeFile(
    file,
    'name: gate\nsteps: [{ id: go, tool: wait-for-signal }]\noutputs: { with: "{{ go.result }}" }\n',
  )
  const waits = Promise.withResolvers<void>()
  const onEvent = ({ body }: { readonly body: unknown }) => {
    if ((body as { readonly type: string }).type === 'signal-wait') waits.resolve()
  }
  const run = runPipeline(file, { folder, id: 'r', onEvent })
  await waits.promise
  expect(await command(folder, 'signal', 'r', 'go', '"wind"')).toMatchObject({ code: 0 })
  expect(await run).toMatchObject({ status: 'completed', success: true })
})
