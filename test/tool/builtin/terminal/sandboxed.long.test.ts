import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { bubblewrap } from '../../../../src/sandbox/bubblewrap.ts'
import { adviceOn } from '../../../../src/tool/advice.ts'
import { terminalTools } from '../../../../src/tool/builtin/terminal/terminal.ts'
import { closedRoot } from '../../../../src/tool/roots.ts'
import { call, contextAt, workFolder } from '../../context.ts'
import { services } from '../../services.ts'

const [terminal] = terminalTools as [(typeof terminalTools)[0]]
const place = workFolder()
const gap = await bubblewrap.check()
const run = (input: object) =>
  call(terminal, { sandbox: true, ...input }, contextAt(place.root, { services: services() }))

describe.skipIf(gap !== undefined)('terminal with sandbox: true', () => {
  beforeEach(async () => {
    await chmod(place.outer, 0o755)
    await writeFile(join(place.root, 'tides.txt'), 'flow\nebb\n')
    await writeFile(join(place.outer, 'outside'), 'secret')
  })

  test('understands a shell, sees the roots and names its sandbox', async () => {
    const env = { WORD: 'x y' }
    const ended = await run({ command: 'sort tides.txt | head -1; echo "$WORD"; ls ..', env })
    expect(ended).toMatchObject({ stdout: 'ebb\nx y\nroot\n', return_code: 0, sandbox: 'bubblewrap' })
  })

  test('sees nothing outside the roots, and changes none of them', async () => {
    await expect(run({ command: `cat ${place.outer}/outside` })).rejects.toMatchObject({ code: 'tool_failed' })
    await expect(run({ command: 'echo x > tides.txt' })).rejects.toMatchObject({ code: 'tool_failed' })
    expect(await readFile(join(place.root, 'tides.txt'), 'utf8')).toBe('flow\nebb\n')
  })

  test('changes the roots with write: true', async () => {
    await chmod(place.root, 0o777)
    expect(await run({ command: 'echo x > new.txt', write: true })).toMatchObject({ return_code: 0 })
    expect(await readFile(join(place.root, 'new.txt'), 'utf8')).toBe('x\n')
  })

  test('says which folder it cannot show', async () => {
    await chmod(place.outer, 0o700)
    const shown = run({ command: 'true' })
    // root hands the command to the user nobody; any other user keeps its own rights
    if (process.getuid!() === 0)
      await expect(shown).rejects.toMatchObject({ code: 'sandbox_path', message: expect.stringContaining(place.outer) })
    else expect(await shown).toMatchObject({ return_code: 0 })
  })

  test.skipIf(process.getuid!() !== 0)('sees a folder that has the name of the scratch folder', async () => {
    const below = `/work/antiphon-test-${process.pid}`
    await mkdir(below, { recursive: true })
    onTestFinished(() => rm(below, { recursive: true }))
    await writeFile(join(below, 'tides.txt'), 'flow\n')
    const context = contextAt(below, { services: services() })
    const ended = await call(terminal, { sandbox: true, command: 'cat tides.txt; cd; pwd' }, context)
    expect(ended).toMatchObject({ stdout: 'flow\n/work-1\n' })
  })

  test('ends a command that takes too long', async () => {
    await expect(run({ command: 'sleep 60', timeout: 0.5 })).rejects.toMatchObject({ code: 'timeout' })
    const context = contextAt(place.root, { services: services({ sandbox: { seconds: 0.5 } }) })
    await expect(call(terminal, { sandbox: true, command: 'sleep 60' }, context)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('longer than 0.5 s'),
      result: { sandbox: 'bubblewrap' },
    })
  })
})

test('a template in a sandboxed command is refused unless it is quoted', () => {
  expect(adviceOn(terminal, { command: 'cat {{ name }} | sort', sandbox: true })).toMatchObject([
    { refused: 'shell_template' },
  ])
  expect(adviceOn(terminal, { command: 'cat {{ name | quote }} | sort', sandbox: true })).toEqual([])
})

describe.skipIf(gap !== undefined)('terminal for calls that a model chose', () => {
  const confined = (input: object) => {
    const roots = [place.root, closedRoot('antiphon.yaml'), closedRoot('.antiphon'), closedRoot('agents')]
    const context = contextAt(place.root, { roots, services: services() })
    return call({ ...terminal, execute: terminal.confined! }, input, context)
  }

  beforeEach(async () => {
    await chmod(place.outer, 0o755)
    await mkdir(join(place.root, '.antiphon'))
    for (const path of ['antiphon.yaml', '.antiphon/engine.db', 'a.txt']) await writeFile(join(place.root, path), path)
  })

  test('runs in a sandbox that shows no file of antiphon', async () => {
    const cat = { command: 'cat antiphon.yaml' }
    await expect(confined(cat)).rejects.toThrow('Permission denied')
    expect(await confined({ command: 'cat a.txt' })).toMatchObject({
      stdout: 'a.txt',
      sandbox: 'bubblewrap',
    })
    expect(await confined({ command: 'ls -A .antiphon' })).toMatchObject({ stdout: '' })
  })

  test('may not write in a folder that holds such files', async () => {
    const refused = { code: 'outside_root', message: expect.stringContaining('antiphon.yaml') }
    await expect(confined({ command: 'touch agents', write: true })).rejects.toMatchObject(refused)
  })
})
