import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { defineAgent } from '../../../src/index.ts'
import { AS_SOURCES } from '../../as-sources.ts'
import { makeProject, startIn } from './programs.ts'

const PROGRAM = join(import.meta.dirname, 'takeover-program.ts')

type Line = {
  readonly role?: 'owner' | 'client'
  readonly cursor?: string
  readonly type?: string
  readonly status?: string
  readonly answer?: string
}

/** Starts a program in a process of its own. */
function run(folder: string, conversation: string, answers: 'answers' | 'never') {
  const child = spawn(process.execPath, [...AS_SOURCES, PROGRAM, folder, conversation, answers], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const lines: Line[] = []
  const lookers = new Set<() => void>()
  createInterface(child.stdout).on('line', (line) => {
    lines.push(JSON.parse(line) as Line)
    for (const look of lookers) look()
  })
  /** Resolves with the first line of that kind after the first `after` lines. */
  const said = (isIt: (line: Line) => boolean, after = 0) =>
    new Promise<Line>((resolve) => {
      const look = () => {
        const found = lines.slice(after).find(isIt)
        if (found) resolve(found)
      }
      lookers.add(look)
      look()
    })
  const role = async () => (await said((line) => line.role !== undefined)).role
  const reply = () => said((line) => line.status !== undefined)
  return {
    pid: child.pid!,
    lines,
    said,
    role,
    reply,
    lastRole: async () => {
      await reply()
      return (
        await said(
          (line) => line.role !== undefined,
          lines.findIndex((line) => line.status !== undefined),
        )
      ).role
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    end: async () => {
      child.stdin.write('end\n')
      return (await ended)[0] as number | null
    },
  }
}

const cursorsOf = (lines: readonly Line[]) => lines.flatMap(({ cursor }) => cursor ?? [])

it('when the owner is killed, one of two waiting programs takes its place, and their messages and streams go on', async () => {
  const folder = await makeProject()
  const first = run(folder, 'one', 'never')
  expect(await first.role()).toBe('owner')
  const others = [run(folder, 'two', 'answers'), run(folder, 'three', 'answers')]
  for (const other of others) {
    expect(await other.role()).toBe('client')
    await other.said(({ type }) => type === 'goal-start')
  }
  await first.kill()
  const roles = await Promise.all(others.map((other) => other.lastRole()))
  expect(roles.toSorted()).toEqual(['client', 'owner'])
  const owner = others[roles.indexOf('owner')]!
  for (const other of others)
    expect(await other.reply()).toEqual({ status: 'completed', answer: `Hello from ${owner.pid}.` })
  // the message of the killed program was resumed, too
  const support = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one' })
  const reader = await startIn(folder, [], { agents: [support] })
  const left = await reader.conversation(support, 'one', { owner: 'shop' }).send('Hi.', { id: 'one-1' })
  expect(left).toMatchObject({ status: 'completed', answer: `Hello from ${owner.pid}.` })
  for (const [place, name] of ['two', 'three'].entries()) {
    const whole: string[] = []
    for await (const { cursor, live, body } of reader.conversation(support, name, { owner: 'shop' }).stream()) {
      if (!live) whole.push(cursor)
      if ((body as { readonly type: string }).type === 'ask-end') break
    }
    expect(cursorsOf(others[place]!.lines)).toEqual(whole)
  }
  // the client leaves the owner alone, and neither process stays alive
  const client = others[roles.indexOf('client')]!
  expect(await client.end()).toBe(0)
  expect((await reader.status()).pid).toBe(owner.pid)
  await reader.stop()
  expect(await owner.end()).toBe(0)
})

it('one of two programs that start at the same instant owns the folder', async () => {
  const folder = await makeProject()
  const both = [run(folder, 'one', 'answers'), run(folder, 'two', 'answers')]
  const roles = await Promise.all(both.map((one) => one.role()))
  expect(roles.toSorted()).toEqual(['client', 'owner'])
  for (const one of both) expect(await one.reply()).toMatchObject({ status: 'completed' })
  // the owner ends first: the other takes its place, and ends, too
  const order = roles[0] === 'owner' ? both : both.toReversed()
  for (const one of order) expect(await one.end()).toBe(0)
})
