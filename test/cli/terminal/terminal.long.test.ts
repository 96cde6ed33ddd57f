import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import picocolors from 'picocolors'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { processTerminal } from '../../../src/cli/terminal/terminal.ts'
import { openBench } from '../commands.ts'
import { runHere } from '../here.ts'
import { REAL } from '../programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-terminal-'))
const environment = { ANTIPHON_MODEL: 'offline/extractive' }
beforeAll(async () => {
  writeFileSync(join(folder, 'notes.md'), 'The sentry is called Ada.')
  const asked = await runHere(REAL, ['ask', 'What is the sentry called?', '--file', 'notes.md', '--thread', 'main'], {
    folder,
    environment,
  })
  expect(asked.code).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['tree', 'main'],
  ['why', 'main'],
  ['logs', 'main'],
])('%s has no colours where only messages are seen', async (...args) => {
  const [colors, outColors] = [picocolors.createColors(true), picocolors.createColors(false)]
  const { code, out } = await runHere(REAL, args, { folder, environment, live: true, colors, outColors })
  expect(code).toBe(0)
  expect(out).toMatch(/completed|is over/)
  expect(out).not.toContain('\u001b')
})

it('top is printed once where only messages are seen', async () => {
  const { code, out } = await runHere(REAL, ['top'], { folder, environment, live: true })
  expect([code, out]).toEqual([0, expect.stringMatching(/^process \d+, up /)])
})

it.each([
  ['logs', '-f', 'main'],
  ['actors', 'tail', 'chain/main'],
  ['top', '--json', '--interval', '1'],
  ['pools', '--watch', '--interval', '1'],
])('%s %s ends when its reader is gone', async (...args) => {
  const unread = new AbortController()
  const out = () => unread.abort()
  const ended = await runHere(REAL, args, { folder, environment, out, unread: unread.signal })
  expect([unread.signal.aborted, ended.code]).toEqual([true, 0])
})

it('a command that polls ends when its pipe is closed', async () => {
  const bench = openBench(REAL)
  mkdirSync(bench.path('.antiphon'))
  const watching = bench.start(['pools', '--watch', '--interval', '1'])
  await watching.said('busy')
  watching.child.stdout?.destroy()
  expect(await watching.ended).toMatchObject({ code: 0 })
})

describe("the process's own terminal", () => {
  const screen = { isTTY: true, columns: 80 }
  const nothing = { isTTY: undefined, columns: undefined }

  it.each([
    [screen, nothing],
    [nothing, screen],
    [screen, screen],
  ])('colours data and messages each where it is seen (%j, %j)', (data, messages) => {
    vi.stubEnv('NO_COLOR', undefined)
    const streams = [process.stdout, process.stderr]
    const before = streams.map(({ isTTY, columns }) => ({ isTTY, columns }))
    onTestFinished(() => {
      vi.unstubAllEnvs()
      streams.forEach((stream, at) => Object.assign(stream, before[at]))
    })
    Object.assign(process.stdout, data)
    Object.assign(process.stderr, messages)
    const { live, outLive, colors, outColors } = processTerminal()
    expect([outLive, live]).toEqual([data === screen, messages === screen])
    expect([outColors.red('a') !== 'a', colors.red('a') !== 'a']).toEqual([outLive, live])
    const plain = processTerminal({ color: false })
    expect([plain.outColors.red('a'), plain.colors.red('a')]).toEqual(['a', 'a'])
  })

  it('has no input once its window is closed', async () => {
    const streams = [process.stdin, process.stderr]
    const before = streams.map((stream) => ({ isTTY: stream.isTTY, columns: (stream as NodeJS.WriteStream).columns }))
    onTestFinished(() => streams.forEach((stream, at) => Object.assign(stream, before[at])))
    for (const stream of streams) Object.assign(stream, screen)
    const { read } = processTerminal()
    const line = read!('Which colour? ', new AbortController().signal)
    process.stdin.emit('error', { code: 'EIO' })
    expect(await line).toBeUndefined()
  })

  it.each(['EPIPE', 'EIO'])('learns from %s that its reader is gone', (code) => {
    const { unread } = processTerminal()
    process.stderr.emit('error', { code })
    expect(unread?.aborted).toBe(false)
    process.stdout.emit('error', { code })
    expect(unread?.aborted).toBe(true)
  })
})
