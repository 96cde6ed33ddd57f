import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AS_SOURCES } from '../as-sources.ts'
import { blocksIn, openProgramFolder, ROOT, read } from './program.ts'

const PAGE = await read('docs/workflow-tutorial.md')
const [PROGRAM, RESERVE, PATCHED] = blocksIn(PAGE, 'ts') as [string, string, string]
const [CHARGED, SHIPPED, CHECKED, STOPPED] = blocksIn(PAGE, 'text') as [string, string, string, string]

const eighth = PROGRAM.replace(/'7'/, "'8'").replace('order-7', 'order-8')
const withLine = (line: string) => eighth.replace('    const receipt', `${line}    const receipt`)

/** A project whose program and commands run as processes. */
async function openProject() {
  const folder = await openProgramFolder()
  const hooks = join(folder, 'hooks.mjs')
  function start(args: readonly string[]) {
    const env = { ...process.env, NODE_OPTIONS: `--import ${hooks}` }
    const child = spawn(process.execPath, [...AS_SOURCES, ...args], { cwd: folder, env })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (out += text))
    const ended = once(child, 'close').then(([code]) => ({ code, out }))
    const says = async (text: string) => {
      while (!out.includes(text)) await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')])
    }
    return { child, ended, says }
  }
  return {
    write: (program: string) => writeFile(join(folder, 'order.mts'), program),
    program: () => start(['order.mts']),
    command: (...args: readonly string[]) => start([join(ROOT, 'bin/antiphon.js'), ...args]).ended,
  }
}

// dear: each command of the page is a process
test('the tutorial of workflows goes as the page says', async () => {
  const { write, program, command } = await openProject()
  const until = async (text: RegExp, ...args: readonly string[]) => {
    for (;;) {
      const { out } = await command(...args)
      if (text.test(out)) return out
    }
  }
  await write(PROGRAM)
  const killed = program()
  await killed.says(CHARGED)
  // on a slow machine the pause of five seconds is over by then
  await until(/timer sleep-1|signal `release`/, 'why', 'order-7')
  killed.child.kill('SIGKILL')
  await killed.ended
  // a run that has come to its question waits for a person, with or without a process
  expect((await command('why', 'order-7')).out).toMatch(/no process is working on it|signal `release`/)

  const again = program()
  expect(await until(/order-7/, 'inbox')).toContain('Ship order 7?')
  expect(await command('signal', 'order-7', 'release', 'approve')).toMatchObject({ code: 0 })
  expect(await again.ended).toEqual({ code: 0, out: SHIPPED })

  await write(eighth)
  const stopped = program()
  await stopped.says('charged 4200 cents for order 8')
  await until(/order-8/, 'inbox')
  stopped.child.kill('SIGINT')
  await stopped.ended

  await write(withLine(RESERVE))
  expect(await command('workflows', 'check', 'order.mts')).toEqual({ code: 1, out: CHECKED })
  const broken = program()
  expect(await command('signal', 'order-8', 'release', 'approve')).toMatchObject({ code: 0 })
  await broken.says(STOPPED.trim())
  // it says so in the turn that records it
  await until(/The workflow order has changed/, 'show', 'order-8')
  broken.child.kill('SIGINT')
  expect((await broken.ended).out).not.toContain('order 8\n')
  expect((await command('runs')).out).toMatch(/^order-8 +waiting for code/m)
  expect((await command('show', 'order-8')).out).toContain('The workflow order has changed')
  const waysOn = CHECKED.split('\n').filter((line) => line.startsWith('    - '))
  const { out: why } = await command('why', 'order-8')
  for (const way of waysOn) expect(why).toContain(way.trim())
  await write(withLine(PATCHED))
  const fits = await command('workflows', 'check', 'order.mts')
  expect(fits).toMatchObject({ code: 0, out: expect.stringContaining('the code before is needed by 1 open run') })
  expect(await program().ended).toEqual({ code: 0, out: SHIPPED.replaceAll('7', '8') })
})
